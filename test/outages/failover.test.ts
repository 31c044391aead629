import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { drawFailover } from '../../bench/outage/failover/draw.ts'
import { readFailover } from '../../bench/outage/failover/results.ts'
import { failoverTable, summaryOf } from '../../bench/outage/failover/summary.ts'
import { launchBrowser } from '../playground/support/browser.ts'
import { misplacedTexts } from './support/misplaced-texts.ts'

const results = await readFailover()

test('picture and table are what the committed run gives, and nothing was written by hand', async () => {
  expect(await readFile('docs/failover.svg', 'utf8')).toBe(drawFailover(results))
  expect(await readFile('docs/clusters.md', 'utf8')).toContain(`failover -->\n\n${failoverTable(results)}\n\n<!-- failover ends`)
})

test('in the committed run fastmiss gives every live key and bounds every dead one; with fallback at most one read of a refused primary fails', () => {
  const own = results.runs.filter(({ library }) => library === 'fastmiss')
  expect(own).toHaveLength(2)
  for (const run of own) {
    const { live, dead, wellAfter } = summaryOf(run)
    expect(live.reads).toBeGreaterThan(100)
    expect(live.failed).toBe(0)
    expect(dead.slowest).toBeLessThan(260)
    expect(wellAfter).toBeLessThan(1_100)
    expect(dead.failed).toBeLessThanOrEqual(run.settings.includes('fallback') ? 1 : dead.reads)
  }
})

test('a read that never came, or was no hit, is counted and drawn as such', () => {
  const [run] = results.runs
  if (run === undefined) throw new Error('an empty run')
  const hung = {
    ...run,
    takeoverAt: 100,
    dead: [
      [10, 5_990, 'never'],
      [200, 3, 'hit'],
    ] as const,
    live: [
      [10, 400, 'threw'],
      [20, 2, 'hit'],
    ] as const,
  }
  expect(summaryOf(hung)).toEqual({ live: { reads: 2, failed: 1, slowest: 400 }, dead: { reads: 2, failed: 1, slowest: null }, wellAfter: 103 })
  expect(failoverTable({ ...results, runs: [hung] })).toContain('| 1 of 2 | 400 ms | 1 of 2 | > 6 s | 100 ms | 103 ms |')
  expect(drawFailover({ ...results, runs: [hung] })).toMatch(/class="threw" d="M[^"]+".*class="never" d="M/s)
})

describe.each(['light', 'dark'] as const)('the picture when %s', (colorScheme) => {
  test('has no text over another, none outside, and each with enough contrast', { timeout: 60_000 }, async () => {
    await using browser = await launchBrowser()
    const tab = await browser.newPage({ colorScheme })
    await tab.setContent(drawFailover(results))
    expect(await tab.evaluate(misplacedTexts, colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(13, 17, 23)')).toEqual([])
  })
})
