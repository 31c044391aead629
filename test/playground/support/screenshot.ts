import { startDemo } from '../../workers/support/demo.ts'
import { launchBrowser, openPlayground } from './browser.ts'

/** Takes the README's pictures anew: `npm run screenshot`. */
const browser = await launchBrowser()
for (const [colorScheme, path] of [
  ['light', 'docs/playground.png'],
  ['dark', 'docs/playground-dark.png'],
] as const) {
  await using demo = await startDemo()
  const { page } = await openPlayground(browser, demo.origin, { colorScheme, viewport: { width: 1_000, height: 1_040 } })
  const bars = (count: number) => page.waitForFunction((least) => document.querySelectorAll('#chart span').length >= least, count)
  const turn = (name: string) => page.getByRole('button', { name }).click()
  // The same outage twice: without copies in memory, and with them.
  await bars(16)
  await turn('Silent')
  await bars(36)
  await turn('Healthy')
  await bars(56)
  await turn('Copies in memory')
  await bars(66)
  await turn('Silent')
  await bars(90)
  await page.mouse.move(0, 0)
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.screenshot({ path })
  await page.close()
  console.log(path)
}
await browser.close()
