/** Of workerd alone: its readable says how long it will be, and breaks where it is shorter. */
type FixedLength = new (length: number) => TransformStream<Uint8Array, Uint8Array>

/**
 * Whether a body can be watched as it passes. Before compatibility date 2022-11-30 a TransformStream of workerd calls nobody, and what
 * is to be stored would never be whole.
 */
export function canWatchBodies(): boolean {
  let isCalled = false
  const probe = new TransformStream({ start: () => void (isCalled = true) })
  return isCalled && !probe.writable.locked
}

/**
 * The same response, whose body passes a transform. In workerd that would lose the stated length: the body would be chunked, and one
 * that its origin cut off would end like a whole one.
 *
 * @param onEnd called when the body has passed, or broke off, or nobody reads on
 */
export function through(response: Response, transform: TransformStream<Uint8Array, Uint8Array>, onEnd: () => void): Response {
  // Somebody else reads it: nothing would ever come, and whoever sends it on is told so.
  if (response.body?.locked === true) {
    onEnd()
    return response
  }
  const stated = response.headers.get('content-length') ?? ''
  const Fixed = Reflect.get(globalThis, 'FixedLengthStream') as FixedLength | undefined
  response.body?.pipeTo(transform.writable).then(onEnd, onEnd)
  const { readable } = transform
  // With a coding the length is not that of the bytes that pass here.
  const isFixed = Fixed !== undefined && /^\d+$/.test(stated) && !response.headers.has('content-encoding')
  return new Response(isFixed ? readable.pipeThrough(new Fixed(Number(stated))) : readable, response)
}
