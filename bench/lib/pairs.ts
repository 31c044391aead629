/** One way of doing a thing; the returned number is its cost, in any unit that a row's subjects share. */
export type Measure = () => Promise<number>

/** A row of the report: how many times the baseline a subject costs. */
export interface Ratio {
  readonly name: string
  /** The median of pairs of rounds, the cost of both over the baseline's of both. */
  readonly ratio: number
  readonly low: number
  readonly high: number
  /** The median cost itself, for orientation only: this machine may be busy. */
  readonly cost: number
}

/**
 * Measures all subjects in turn, round by round, each against the baseline next to it, so that a machine whose speed drifts
 * slows both. Which comes first changes with the round, and two rounds make a ratio: what the first one leaves behind (garbage that the
 * second one collects) is borne by both. The baseline is measured against itself too: that row is the noise.
 *
 * @param rounds an odd number is one more
 */
export async function ratios(
  subjects: Readonly<Record<string, Measure>>,
  baseline: string,
  rounds: number,
  onRound: (done: number) => void,
): Promise<Ratio[]> {
  const base = subjects[baseline]
  if (base === undefined) throw new Error(`no subject is named ${baseline}`)
  const all = Object.entries({ [`${baseline} (again)`]: base, ...subjects }).filter(([name]) => name !== baseline)
  const samples = all.map(() => [] as Sample[])
  for (const [, measure] of all) await measure()
  for (let round = 0; round < rounds + (rounds % 2); round += 1) {
    for (const [index, [, measure]] of all.entries()) {
      const [cost, reference] = round % 2 === 0 ? [await measure(), await base()] : await reversed(measure, base)
      samples[index]?.push({ cost, reference })
    }
    onRound(Math.min(round + 1, rounds))
  }
  return all.map(([name], index) => summary(name, samples[index] ?? []))
}

async function reversed(measure: Measure, base: Measure): Promise<[number, number]> {
  const reference = await base()
  return [await measure(), reference]
}

/** What a subject and the baseline beside it cost in one round. */
interface Sample {
  readonly cost: number
  readonly reference: number
}

function summary(name: string, samples: readonly Sample[]): Ratio {
  const firsts = samples.filter((_, round) => round % 2 === 0)
  const pairs = firsts.map((first, index) => [first, samples[2 * index + 1] ?? first] as const)
  const ratiosOfPairs = pairs.map(([one, other]) => (one.cost + other.cost) / (one.reference + other.reference))
  const sorted = ratiosOfPairs.toSorted((a, b) => a - b)
  const costs = samples.map(({ cost }) => cost).toSorted((a, b) => a - b)
  return { name, ratio: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75), cost: quantile(costs, 0.5) }
}

/** Between two of the values where it falls between them. @param sorted the smallest first */
function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part
  const [below, above] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN]
  return below + (above - below) * (at - Math.floor(at))
}
