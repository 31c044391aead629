import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { draw } from '../../bench/memory/draw.ts'
import { withFigures } from '../../bench/memory/page.ts'
import { KEYS, type Results } from '../../bench/memory/results.ts'
import { resolveMemory } from '../../src/options/memory.ts'
import { misplacedTexts } from '../outages/support/misplaced-texts.ts'
import { launchBrowser } from '../playground/support/browser.ts'
import { table } from './support/table.ts'

const PAGE = 'docs/memory.md'
const results = JSON.parse(await readFile('bench/memory/results.json', 'utf8')) as Results

test('figures and picture are what the committed run gives, and nothing was written by hand', async () => {
  const page = await readFile(PAGE, 'utf8')
  expect(page).toBe(withFigures(page, results))
  expect(await readFile('docs/memory.svg', 'utf8')).toBe(draw(results))
})

test('in the committed run copies answer the outage: no more calls of the source than there are keys, and nobody waits', () => {
  const [without, copied] = ['fastmiss', 'fastmiss, memory'].map((name) => results.runs.find(({ subject }) => subject === name))
  expect(copied?.loads).toBeLessThanOrEqual(KEYS)
  expect(copied?.p99).toBeLessThanOrEqual(5)
  expect(copied?.unanswered).toBe(0)
  expect(without?.loads).toBeGreaterThan(10 * KEYS)
  expect(results.runs.map(({ subject }) => subject)).toEqual(['fastmiss', 'fastmiss, memory', 'bentocache, grace', 'cacheable'])
})

test('the table of options names each that there is, with its default', async () => {
  const rows = await table(PAGE, 'options')
  const defaults = resolveMemory(true) ?? {}
  expect(rows.map(([name = '']) => name.replaceAll('`', ''))).toEqual(Object.keys(defaults))
  const told: Readonly<Record<string, unknown>> = { '5,000 ms': 5_000, '10,000': 10_000, '16 MiB': 16_777_216, 'an hour': 3_600_000, false: false }
  expect(rows.map(([, value = '']) => told[value])).toEqual(Object.values(defaults))
})

test('the picture has no text over another, none outside, and each with enough contrast, light and dark', { timeout: 60_000 }, async () => {
  await using browser = await launchBrowser()
  for (const [colorScheme, ground] of [
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(13, 17, 23)'],
  ] as const) {
    const tab = await browser.newPage({ colorScheme })
    await tab.setContent(draw(results))
    const problems = await tab.evaluate(misplacedTexts, ground)
    // It has fewer than the picture that this was made for.
    expect(problems.filter((problem) => problem !== 'there are hardly any texts')).toEqual([])
  }
})
