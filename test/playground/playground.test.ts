import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser, openPlayground } from './support/browser.ts'
import { leastContrast } from './support/contrast.ts'
import { startDemo } from './support/demo.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

/** The newest row that says so, as soon as there is one. */
async function newest(page: Page, answer: string) {
  const row = page
    .getByRole('row')
    .filter({ has: page.getByRole('cell', { name: answer, exact: true }) })
    .first()
  await row.waitFor({ timeout: 20_000 })
  const ms = Number.parseFloat((await row.getByRole('cell').nth(3).textContent()) ?? '')
  return { ms }
}

/** Of the rows that say so, as soon as there are three: the machine is not busy all the time. */
async function fastest(page: Page, answer: string): Promise<number> {
  const rows = page.getByRole('row').filter({ has: page.getByRole('cell', { name: answer, exact: true }) })
  await rows.nth(2).waitFor({ timeout: 20_000 })
  const texts = await rows.evaluateAll((found) => found.map((row) => row.querySelectorAll('td')[3]?.textContent ?? ''))
  return Math.min(...texts.map(Number.parseFloat))
}

const isPressed = (page: Page, name: string) => page.getByRole('button', { name }).getAttribute('aria-pressed')

describe.each(['TCP', 'REST'] as const)('over %s', (wire) => {
  test('a click breaks Redis: degraded answers under the timeout, then at once; mended: hits', { timeout: 90_000 }, async () => {
    await using demo = await startDemo(wire)
    const { page, problems } = await openPlayground(browser, demo.origin)
    await newest(page, 'hit')
    await page.getByRole('button', { name: 'Silent' }).click()
    // The first waits for the whole timeout of 250 ms; the bound leaves room for a busy machine.
    expect((await newest(page, 'degraded: timeout')).ms).toBeLessThan(2_500)
    expect(await fastest(page, 'degraded: cooldown')).toBeLessThan(200)
    expect(await isPressed(page, 'Silent')).toBe('true')
    expect(await page.getByRole('status').textContent()).toContain('Redis is broken: silent')

    await page.getByRole('button', { name: 'Healthy' }).click()
    await page.waitForFunction(() => document.querySelector('#requests td.answer')?.textContent === 'hit', undefined, { timeout: 20_000 })
    expect(await page.getByRole('status').textContent()).toContain('Redis is mended')
    expect(problems).toEqual([])
    await page.close()
  })
})

test.each(['TCP', 'REST'] as const)(
  'over %s and with copies in memory the page goes on answering while Redis is silent, in a colour of its own',
  { timeout: 90_000 },
  async (wire) => {
    await using demo = await startDemo(wire)
    const { page, problems } = await openPlayground(browser, demo.origin)
    await newest(page, 'hit')
    expect(await isPressed(page, 'Copies in memory')).toBe('false')
    await page.getByRole('button', { name: 'Copies in memory' }).click()
    await newest(page, 'hit from memory')
    const degraded = async () => Number(await page.locator('#degraded').textContent())
    const before = await degraded()
    expect(await isPressed(page, 'Copies in memory')).toBe('true')
    await page.getByRole('button', { name: 'Silent' }).click()
    await newest(page, 'hit from memory: timeout')
    expect(await fastest(page, 'hit from memory: cooldown')).toBeLessThan(200)
    expect(await degraded()).toBe(before)
    const colours = await page.evaluate(() =>
      ['td.good', 'td.memory', '.key.memory'].map((selector) => getComputedStyle(document.querySelector(selector) as Element).color),
    )
    expect(colours[1]).toBe(colours[2])
    expect(colours[1]).not.toBe(colours[0])
    expect(Number(await page.locator('#copied').textContent())).toBeGreaterThan(1)

    await page.getByRole('button', { name: 'Copies in memory' }).click()
    await newest(page, 'degraded: cooldown')
    expect(await page.getByRole('status').textContent()).toBe('Copies in memory do not answer.')
    expect(problems).toEqual([])
    await page.close()
  },
)

test('the switches work from the keyboard, and say which one is on', { timeout: 60_000 }, async () => {
  await using demo = await startDemo()
  const { page } = await openPlayground(browser, demo.origin, { reducedMotion: 'reduce' })
  for (const name of ['Healthy', 'Refuse']) {
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.firstChild?.textContent)).toBe(name)
  }
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.querySelector('[data-fault=refuse]')?.getAttribute('aria-pressed') === 'true')
  expect(await isPressed(page, 'Healthy')).toBe('false')
  await page.getByRole('button', { name: 'Look up' }).press('Space')
  await newest(page, 'degraded: unreachable')
  await page.close()
})

test('nothing moves by itself where reduced motion is asked for, until traffic is', { timeout: 60_000 }, async () => {
  await using demo = await startDemo()
  const { page } = await openPlayground(browser, demo.origin, { reducedMotion: 'reduce' })
  const traffic = page.getByRole('button', { name: 'Steady traffic' })
  expect(await traffic.getAttribute('aria-pressed')).toBe('false')
  expect(await page.locator('#requests tr').count()).toBe(0)
  await traffic.click()
  await newest(page, 'hit')
  await traffic.click()
  expect(await traffic.getAttribute('aria-pressed')).toBe('false')
  await page.close()
})

test('requests of other clients are shown as they happen, no more than a hundred', { timeout: 60_000 }, async () => {
  await using demo = await startDemo()
  const { page } = await openPlayground(browser, demo.origin, { reducedMotion: 'reduce' })
  for (let count = 0; count < 11; count++) {
    await Promise.all(Array.from({ length: 10 }, async () => (await fetch(`${demo.origin}/lookup/other`)).arrayBuffer()))
  }
  // A busy machine may have made the cache degraded for a moment.
  const put = async (): Promise<number> => (await fetch(`${demo.origin}/set/last`, { method: 'PUT', body: '1' })).status
  await expect.poll(put, { timeout: 15_000 }).toBe(200)
  await newest(page, 'stored')
  expect(await page.locator('#requests tr').count()).toBe(100)
  await page.reload()
  await newest(page, 'stored')
  expect(await page.locator('#requests tr').count()).toBe(100)
  await page.close()
})

test('in an outage every text has enough contrast, light and dark, and a screen 320 px wide shows everything', { timeout: 90_000 }, async () => {
  await using demo = await startDemo()
  const { page } = await openPlayground(browser, demo.origin)
  await newest(page, 'miss')
  await newest(page, 'hit')
  await page.getByRole('button', { name: 'Refuse' }).click()
  await newest(page, 'degraded: unreachable')
  await page.getByRole('button', { name: 'Copies in memory' }).click()
  await newest(page, 'hit from memory: cooldown')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const selector of ['h1', 'p', 'button', 'button small', 'dt', 'dd', 'th', 'td', 'td.good', 'td.miss', 'td.memory', 'td.bad']) {
      const ratio = await page.evaluate(leastContrast, selector)
      expect([colorScheme, selector, ratio]).toEqual([colorScheme, selector, expect.toSatisfy((found: number) => found >= 4.5)])
    }
  }
  for (const width of [390, 360, 320]) {
    await page.setViewportSize({ width, height: 700 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    // Nothing is cut off within the table either.
    expect(await page.evaluate(() => document.querySelector('.scroll')?.scrollWidth)).toBeLessThanOrEqual(width)
  }
  await page.close()
})

test('a screen reader is told of the switches, not of each request', { timeout: 60_000 }, async () => {
  await using demo = await startDemo()
  const { page } = await openPlayground(browser, demo.origin)
  await newest(page, 'hit')
  await page.evaluate(() => {
    const regions = [...document.querySelectorAll('[role=status], [role=alert], [aria-live]')]
    const said: string[] = []
    const watch = new MutationObserver(() => said.push(...regions.map(({ textContent }) => textContent ?? '')))
    for (const region of regions) watch.observe(region, { childList: true, characterData: true, subtree: true })
    Object.assign(globalThis, { said })
  })
  const rows = await page.locator('#requests tr').count()
  await page.waitForFunction((least) => document.querySelectorAll('#requests tr').length >= least, rows + 5)
  await page.getByRole('button', { name: 'Black hole' }).click()
  await newest(page, 'degraded: timeout')
  expect(await page.evaluate(() => (globalThis as unknown as { said: string[] }).said)).toEqual(['Redis is broken: black hole.'])
  await page.close()
})

test('mended, it counts down until the cache asks Redis again', { timeout: 120_000 }, async () => {
  await using demo = await startDemo()
  const { page } = await openPlayground(browser, demo.origin)
  await newest(page, 'hit')
  let seconds: readonly number[] = []
  // On a busy machine the cooldown may be over by the time that the switch is turned back: the next one is longer.
  for (let tries = 0; tries < 5 && seconds.length < 2; tries += 1) {
    await page.getByRole('button', { name: 'Silent' }).click()
    // The last answer, not one of the try before.
    await page.waitForFunction(() => document.querySelector('#requests td.answer')?.textContent === 'degraded: cooldown', undefined, {
      timeout: 20_000,
    })
    expect(await page.locator('#countdown').textContent()).toBe('')
    await page.evaluate(() => {
      const said: string[] = []
      const line = document.querySelector('#countdown')
      new MutationObserver(() => said.push(line?.textContent ?? '')).observe(line as Node, { childList: true })
      Object.assign(globalThis, { said })
    })
    await page.getByRole('button', { name: 'Healthy' }).click()
    await page.waitForFunction(() => document.querySelector('#requests td.answer')?.textContent === 'hit', undefined, { timeout: 20_000 })
    const said = await page.evaluate(() => (globalThis as unknown as { said: string[] }).said)
    seconds = said.flatMap((text) => /again in (\d+\.\d) s/.exec(text)?.[1] ?? []).map(Number)
  }
  // How often depends on how much of the cooldown was left.
  expect(seconds.length).toBeGreaterThan(1)
  expect(seconds).toEqual(seconds.toSorted((a, b) => b - a))
  expect(seconds[0]).toBeLessThanOrEqual(10)
  expect(await page.locator('#countdown').textContent()).toBe('')
  await page.close()
})

test('every colour of the chart is in its legend', { timeout: 60_000 }, async () => {
  await using demo = await startDemo()
  const { page } = await openPlayground(browser, demo.origin, { reducedMotion: 'reduce' })
  for (const path of ['/nowhere', '/lookup/none']) await (await fetch(demo.origin + path)).text()
  await fetch(`${demo.origin}/set/key`, { method: 'PUT', body: '1' })
  await page.waitForFunction(() => document.querySelectorAll('#chart span').length === 3)
  const coloursOf = (selector: string) =>
    page.evaluate((found) => [...document.querySelectorAll(found)].map((element) => getComputedStyle(element).color), selector)
  const legend = await coloursOf('.key')
  for (const colour of await coloursOf('#chart span')) expect(legend).toContain(colour)
  await page.close()
})

test('a request under another host name is refused: no other site reaches the switches through its own name', { timeout: 60_000 }, async () => {
  await using demo = await startDemo()
  const { port } = new URL(demo.origin)
  const statusFor = (host: string, path = '/'): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, headers: { host, accept: 'text/html' } }, (response) => {
        resolve(response.resume().statusCode)
      })
      asked.once('error', reject).end()
    })
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, 'localhost', `[::1]:${port}`]) expect(await statusFor(host)).toBe(200)
  for (const host of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example']) {
    for (const path of ['/', '/playground/events', '/lookup/key']) expect([host, path, await statusFor(host, path)]).toEqual([host, path, 403])
  }
})
