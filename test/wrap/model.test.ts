import * as fc from 'fast-check'
import { testCache } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { createModelRun, MENDED_AFTER } from './support/model-run.ts'
import { step } from './support/steps.ts'

const RUNS = Number(process.env['MODEL_RUNS'] ?? 300)

test.each([
  ['', undefined],
  [' with copies in memory', { ttl: 450, outage: 60_000 }],
])(
  'whatever happens%s, in any order: only what was stored for the key, is not past its end, and was not invalidated is served',
  {
    timeout: 120_000,
  },
  async (_, memory) => {
    let hits = 0
    let stale = 0
    let degraded = 0
    let copied = 0
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        await using cache = testCache({
          namespace: 'app',
          cooldown: 100,
          maxCooldown: MENDED_AFTER - 100,
          ...(memory === undefined ? {} : { memory }),
        })
        const run = createModelRun(cache, memory !== undefined)
        for (const one of steps) await run.take(one)
        hits += run.seen.hit
        stale += run.seen.stale
        degraded += run.seen.degraded
        copied += run.seen.copied
      }),
      { numRuns: RUNS },
    )
    // A run in which nothing was ever served would prove nothing.
    expect(Math.min(hits, stale, degraded)).toBeGreaterThan(RUNS / 10)
    if (memory === undefined) expect(copied).toBe(0)
    else expect(copied).toBeGreaterThan(RUNS / 10)
  },
)
