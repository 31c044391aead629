import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { chromiumPath } from '../../support/what-is-here.ts'

/** A real headless Chromium. @throws Error that says how to install one */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = chromiumPath()
  if (executablePath === undefined) throw new Error('There is no chromium: apt-get install chromium-headless-shell, or set CHROMIUM to its path')
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
}

/** The playground in a page of its own. `problems` collects what the console and the page report. */
export async function openPlayground(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1_000, height: 900 }, ...options })
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await page.goto(origin)
  await page.getByRole('button', { name: 'Healthy' }).waitFor()
  return { page, problems }
}
