import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser } from 'playwright-core'
import type { Drill } from '../../src/cli/drill/drill.ts'
import { drawTimeline } from '../../src/cli/drill/timeline/draw-timeline.ts'
import { launchBrowser } from '../playground/support/browser.ts'
import { drill } from './support/drill.ts'
import { type Look, lookAt } from './support/look-at-picture.ts'
import { temporaryFile } from './support/temporary-file.ts'

/** Pictures of the documentation, and how many lanes each has. */
const PUBLISHED = [
  ['docs/drill.svg', 12],
  ['docs/drill-upstash.svg', 17],
  ['docs/drill-cluster.svg', 15],
  ['docs/drill-memory.svg', 12],
] as const

let drilled: Drill
let picture: string
let browser: Browser

beforeAll(async () => {
  await using file = await temporaryFile('drill.svg')
  drilled = await drill(['--memory', '--faults', 'refuse,silent', '--svg', file.path])
  picture = await readFile(file.path, 'utf8')
  browser = await launchBrowser()
}, 60_000)
afterAll(() => browser?.close())

async function look(svg: string, colorScheme: 'light' | 'dark'): Promise<Look> {
  const page = await browser.newPage({ colorScheme })
  const seen = await page.evaluate(lookAt, svg)
  await page.close()
  return seen
}

function overlapsOf({ texts }: Look): readonly string[] {
  return texts.flatMap((one, index) =>
    texts
      .slice(index + 1)
      .filter((other) => one.left < other.right && other.left < one.right && one.top < other.bottom - 2 && other.top < one.bottom - 2)
      .map((other) => `${one.text} / ${other.text}`),
  )
}

test.for(['light', 'dark'] as const)(
  'it is well-formed, no text lies on another or leaves the picture, and all can be read: %s',
  async (colorScheme) => {
    for (const svg of [picture, ...(await Promise.all(PUBLISHED.map(([file]) => readFile(file, 'utf8'))))]) {
      const seen = await look(svg, colorScheme)
      expect(seen.parserError).toBe('')
      expect(seen.texts.length).toBeGreaterThan(20)
      expect(overlapsOf(seen)).toEqual([])
      expect(seen.texts.filter(({ left, right, bottom }) => left < 4 || right > seen.width - 4 || bottom > seen.height)).toEqual([])
      expect(seen.leastTextContrast).toBeGreaterThanOrEqual(4.5)
      expect(seen.leastMarkContrast).toBeGreaterThanOrEqual(3)
    }
  },
)

test('light and dark are two looks of one picture', async () => {
  const [light, dark] = [await browser.newPage({ colorScheme: 'light' }), await browser.newPage({ colorScheme: 'dark' })]
  const paper = (): string => getComputedStyle(document.querySelector('.paper') ?? document.body).fill
  await light.setContent(picture)
  await dark.setContent(picture)
  expect([await light.evaluate(paper), await dark.evaluate(paper)]).toEqual(['rgb(255, 255, 255)', 'rgb(13, 17, 23)'])
})

test('its marks are the measured answers, its ticks the attempts, its shade the span of the fault', () => {
  // The axis as a reader sees it: two labels and where they stand.
  const labels = [...picture.matchAll(/<text x="([\d.]+)" y="[\d.]+" class="quiet tick" text-anchor="middle">([-\d.]+)<\/text>/g)]
  const [first, last] = [labels.at(0), labels.at(-1)].map((label) => ({ x: Number(label?.[1]), at: Number(label?.[2]) * 1_000 }))
  if (first === undefined || last === undefined) throw new Error('no axis')
  const perPx = (last.at - first.at) / (last.x - first.x)
  const instant = (x: number): number => first.at + (x - first.x) * perPx
  // Positions are given to a tenth of a pixel.
  const near = 0.11 * perPx

  const lanes = picture.split('<g><title>').slice(1)
  expect(lanes).toHaveLength(drilled.scenes.length)
  for (const [index, { fault, settings, answers, dials, mendedAt }] of drilled.scenes.entries()) {
    const lane = lanes[index] ?? ''
    expect(lane.startsWith(`${fault}${settings.memory === undefined ? '' : ' with copies in memory'}: `)).toBe(true)
    const marks = [...lane.matchAll(/<path class="(\w+)" d="(M[^"]+h[^"]+)"/g)].flatMap(([, kind = '', path = '']) =>
      [...path.matchAll(/M([\d.]+) [\d.]+h([\d.]+)/g)].map(([, x, width]) => ({ kind, at: instant(Number(x)), ms: Number(width) * perPx })),
    )
    const measured = answers.map(({ startedAt, ms, status, reason, from }) => ({
      kind: from === 'memory' ? from : (reason ?? status),
      at: startedAt,
      ms,
    }))
    const byInstant = (one: { at: number }, other: { at: number }): number => one.at - other.at
    expect(marks).toHaveLength(measured.length)
    for (const [position, mark] of marks.toSorted(byInstant).entries()) {
      const answer = measured.toSorted(byInstant)[position]
      if (answer === undefined) throw new Error('no such answer')
      expect([mark.kind, Math.abs(mark.at - answer.at) <= near]).toEqual([answer.kind, true])
      // A short answer is drawn as long as it takes to be seen.
      expect(Math.abs(mark.ms - Math.max(answer.ms, 2.4 * perPx))).toBeLessThanOrEqual(near)
    }
    const ticks = [...(/class="dials" d="([^"]*)"/.exec(lane)?.[1] ?? '').matchAll(/M([\d.]+) /g)].map(([, x]) => instant(Number(x) - 0.5))
    expect(ticks).toHaveLength(dials.length)
    ticks.forEach((at, position) => expect(Math.abs(at - (dials[position] ?? Infinity))).toBeLessThanOrEqual(near))
    const shade = /<rect class="fault" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/.exec(lane)
    expect(Math.abs(instant(Number(shade?.[1])))).toBeLessThanOrEqual(near)
    expect(Math.abs(Number(shade?.[2]) * perPx - mendedAt)).toBeLessThanOrEqual(near)
  }
})

test('it needs nothing but itself, and says in words what it shows', () => {
  expect(picture).not.toMatch(/<script|<image|<foreignObject|href|url\(|@import/)
  expect(picture).toMatch(/role="img" aria-labelledby="drill-title drill-description"/)
  expect(picture).toMatch(/<title id="drill-title">An outage rehearsed: 2 faults over TCP, without copies in memory and with them<\/title>/)
  expect(picture).toMatch(
    /<desc id="drill-description">.*silent: first answer timeout after 2\d\d ms, second after [\d.]+ ms, .* all promises kept\./,
  )
  expect(picture).toMatch(/<title>silent with copies in memory: first answer/)
  expect(picture).toContain('hit from memory')
  // Only what occurs is explained.
  expect(picture).toContain('degraded: unreachable')
  expect(picture).not.toContain('degraded: oversize')
})

test('the pictures that are published were drawn by a drill that kept every promise', async () => {
  for (const [file, lanes] of PUBLISHED) {
    const svg = await readFile(file, 'utf8')
    expect(svg.match(/all promises kept/g)).toHaveLength(2 * lanes)
    expect(svg).not.toContain('✗')
  }
})

test('a grey or green answer as long as the timeout is explained, and only where there is one', () => {
  const [scene] = drilled.scenes
  expect(scene).toBeDefined()
  if (scene === undefined) return
  const withAnswer = (ms: number): string =>
    drawTimeline({ ...drilled, scenes: [{ ...scene, answers: [{ startedAt: 0, key: 'absent', ms, status: 'miss', lag: 0 }] }] })
  expect(withAnswer(drilled.settings.timeout)).toContain('a long hit or miss: its read was answered in time, the write beside it was not')
  expect(withAnswer(3)).not.toContain('a long hit or miss')
})
