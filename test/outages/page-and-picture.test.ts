import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { page } from '../../bench/outage/page.ts'
import { draw } from '../../bench/outage/picture/draw.ts'
import { readResults, type Results } from '../../bench/outage/results.ts'
import { isFalseMiss, isFalseWrite, summaries } from '../../bench/outage/summary.ts'
import { launchBrowser } from '../playground/support/browser.ts'
import { misplacedTexts } from './support/misplaced-texts.ts'

const results = await readResults('bench/outage/results.json')

test('page and picture are what the committed run gives, and nothing was written by hand', async () => {
  expect(await readFile('docs/outages.md', 'utf8')).toBe(page(results))
  expect(await readFile('docs/outages.svg', 'utf8')).toBe(draw(results))
})

test('the committed run is a whole one: each library before each fault of its wire, once', () => {
  const { cells, faults } = results
  for (const { library, settings, wire } of summaries(results)) {
    const met = cells.filter((cell) => cell.library === library && cell.settings === settings && cell.wire === wire).map(({ fault }) => fault)
    expect(met.toSorted()).toEqual(
      faults
        .filter((fault) => fault.wire === wire)
        .map(({ name }) => name)
        .toSorted(),
    )
  }
  expect(new Set(cells.map(({ library }) => library)).size).toBe(9)
})

test('a healthy Redis is a hit for everybody, or the cell says nothing about an outage', () => {
  const healthy = results.cells.filter(({ fault }) => fault === 'healthy')
  expect(healthy.filter(({ second, stored }) => second?.answer !== 'hit' || stored?.isStored !== true)).toEqual([])
})

test('what fastmiss promises holds in every cell of the committed run: no false miss, no false write, one bound', () => {
  const own = results.cells.filter(({ library }) => library === 'fastmiss')
  expect(own.filter((cell) => isFalseMiss(cell) || isFalseWrite(cell) || cell.first === null || cell.second === null)).toEqual([])
  expect(own.filter(({ exit }) => exit.how !== 'by itself')).toEqual([])
})

describe.each(['light', 'dark'] as const)('the picture when %s', (colorScheme) => {
  test('has no text over another, none outside, and each with enough contrast', { timeout: 60_000 }, async () => {
    await using browser = await launchBrowser()
    const tab = await browser.newPage({ colorScheme })
    await tab.setContent(draw(results))
    expect(await tab.evaluate(misplacedTexts, colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(13, 17, 23)')).toEqual([])
  })
})

test('an answer that never came is drawn and told as such', () => {
  const [cell] = results.cells
  const [fault] = results.faults
  if (cell === undefined || fault === undefined) throw new Error('an empty run')
  const hung: Results = { ...results, faults: [{ ...fault, name: 'silent' }], cells: [{ ...cell, fault: 'silent', first: null, second: null }] }
  expect(draw(hung)).toContain('class="x"')
  expect(draw(results).match(/class="x"/g)?.length).toBe(results.cells.filter(({ first, second }) => first === null || second === null).length + 2)
  expect(summaries(hung)).toMatchObject([{ unanswered: 1, slowestFirst: null }])
  expect(page(hung)).toContain('> 12 s')
})
