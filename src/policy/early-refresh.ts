/**
 * Whether a value is refreshed although it is fresh: the nearer its end and the longer it takes to load, the likelier, so that
 * a value in demand is as a rule replaced before it ends, by one reader (XFetch: Vattani, Chierichetti, Lowenstein, "Optimal
 * probabilistic cache stampede prevention", VLDB 2015).
 *
 * @param freshUntil epoch ms
 * @param took ms that it took to load
 * @param beta 1 is the optimum of the paper, more is earlier, 0 never
 * @param at now, epoch ms
 * @param random from 0 up to 1
 */
export function isDueEarly(freshUntil: number, took: number, beta: number, at: number, random: () => number): boolean {
  // 1 - random() is above 0, so that the logarithm is finite.
  return at - took * beta * Math.log(1 - random()) >= freshUntil
}
