/** One way of doing a thing; the returned number is its cost, in any unit that a row's subjects share. */
export type Measure = () => Promise<number>

/** A row of the report: how many times the baseline a subject costs. */
export interface Ratio {
  readonly name: string
  /** The median of the rounds, each round's cost over the baseline's of the same round. */
  readonly ratio: number
  readonly low: number
  readonly high: number
  /** The median cost itself, for orientation only: this machine may be busy. */
  readonly cost: number
}

/**
 * Measures all subjects in turn, round by round, each against the baseline next to it, so that a machine whose speed drifts
 * slows both. The baseline is measured against itself too: that row is the noise.
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
  const samples = all.map(() => [] as { ratio: number; cost: number }[])
  for (const [, measure] of all) await measure()
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, [, measure]] of all.entries()) {
      // Which comes first changes with the round: whatever the first one leaves behind is borne by both.
      const [cost, reference] = round % 2 === 0 ? [await measure(), await base()] : await reversed(measure, base)
      samples[index]?.push({ ratio: cost / reference, cost })
    }
    onRound(round + 1)
  }
  return all.map(([name], index) => summary(name, samples[index] ?? []))
}

async function reversed(measure: Measure, base: Measure): Promise<[number, number]> {
  const reference = await base()
  return [await measure(), reference]
}

function summary(name: string, samples: readonly { ratio: number; cost: number }[]): Ratio {
  const sorted = samples.map(({ ratio }) => ratio).toSorted((a, b) => a - b)
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
  const costs = samples.map(({ cost }) => cost).toSorted((a, b) => a - b)
  return { name, ratio: at(0.5), low: at(0.25), high: at(0.75), cost: costs[Math.floor(costs.length / 2)] ?? Number.NaN }
}
