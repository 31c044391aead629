import { type LocalRedis, startRedis } from 'fastmiss/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runtimes } from '../runtimes/support/runtime.ts'
import { holdTable } from '../support/hold-table.ts'
import { CASES } from './cases/all.ts'
import { inProcess, inWorkerd, served, type ServedPlace } from './support/places.ts'
import { runCase } from './support/run-case.ts'

const numbered = CASES.map((one, index) => ({ ...one, index }))
/** By preset: where a case is for one of them, the other is left out. */
const suites = (['safe', 'full'] as const).map((preset) => ({ preset, cases: numbered.filter(({ only = preset }) => only === preset) }))

/** Cases. */
const AT_ONCE = 8

let redis: LocalRedis
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

describe.each(suites)('$preset, in this process, over memory', ({ preset, cases }) => {
  const place = inProcess()
  test.each(cases)('$section: $requirement', async (one) => expect(await runCase(one, `${preset}-${one.index}.test`, place)).toEqual([]))
})

const places: readonly { readonly name: string; start(): Promise<ServedPlace> }[] = [
  ...runtimes.map((runtime) => ({ name: runtime.name, start: () => served(runtime, redis.url) })),
  { name: 'workerd', start: () => inWorkerd(redis.url) },
]

test.each(places)('$name meets all of them behind its own server, over Redis', { timeout: 60_000 }, async ({ start }) => {
  const place = await start()
  try {
    for (const { preset, cases } of suites) {
      const problems: string[] = []
      const left = [...cases]
      // Some at a time: what takes turns with a hundred others comes late, and is older than it should be.
      const go = async (): Promise<void> => {
        for (let one = left.shift(); one !== undefined; one = left.shift())
          problems.push(...(await runCase(one, `${preset}-${one.index}.test`, place)))
      }
      await Promise.all(Array.from({ length: AT_ONCE }, go))
      expect(problems, preset).toEqual([])
    }
  } finally {
    await place.stop()
  }
})

test('the documentation counts these cases by section', async () => {
  const counts = new Map<string, number>()
  for (const { section } of CASES) counts.set(section, (counts.get(section) ?? 0) + 1)
  const rows = [...counts].map(([section, count]) => [section, `${count}`]).toSorted(bySection)
  await holdTable('docs/response-cache.md', 'test/conformance/conformance.test.ts', [['section', 'cases'], ...rows])
})

/** By the number of the RFC, then by that of each part of the section. */
function bySection([one = '']: readonly string[], [other = '']: readonly string[]): number {
  return one.localeCompare(other, 'en', { numeric: true })
}
