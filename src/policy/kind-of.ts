/** Which kind of built-in something is, told by its internals: one of another realm (a vm, jsdom, Vercel's edge) is the same. */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

/** Of any realm. */
export function isMap(value: unknown): value is Map<unknown, unknown> {
  return kindOf(value) === 'Map'
}
