import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { processSteps, runProcesses } from './support/processes.ts'

const RUNS = Number(process.env['MODEL_RUNS'] ?? 200)

test(
  'two processes, loads, writes, deletes, invalidations, lost and late replies in any order: no copy answers that its process has changed, that the other changed longer ago than memory.ttl, or that Redis has answered for',
  { timeout: 120_000 },
  async () => {
    let copied = 0
    await fc.assert(
      fc.asyncProperty(processSteps, fc.constantFrom(0, 3_600_000, -3_600_000), async (history, skew) => {
        const run = await runProcesses(history, skew)
        copied += run.copied
        expect(run.wrong).toEqual([])
      }),
      { numRuns: RUNS },
    )
    expect(copied).toBeGreaterThan(RUNS / 2)
  },
)
