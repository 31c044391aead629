/** Milliseconds to pixels, on a logarithmic scale. */
export interface Scale {
  /** Where a duration stands; what is shorter than the first stands with it. */
  at(ms: number): number
}

/**
 * @param from the shortest duration, ms, and where it stands
 * @param to the longest
 */
export function logScale(from: readonly [ms: number, x: number], to: readonly [ms: number, x: number]): Scale {
  const decades = Math.log10(to[0] / from[0])
  const width = to[1] - from[1]
  return { at: (ms) => from[1] + (Math.log10(Math.max(ms, from[0]) / from[0]) / decades) * width }
}
