import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What some tests need and this machine may lack, with the command that brings it. */
const NEEDS = {
  'redis-server': { isHere: isOnPath('redis-server'), install: 'apt-get install redis-server, or brew install redis' },
  chromium: {
    isHere: chromiumPath() !== undefined,
    install: 'apt-get install chromium, or set CHROMIUM to the path of a Chromium or Chrome',
  },
  "Lambda's runtime client": { isHere: existsSync('test/lambda/client/node_modules/aws-lambda-ric'), install: 'npm run lambda-client' },
} as const

/** True where a test that needs it can run. */
export function isHere(name: keyof typeof NEEDS): boolean {
  return NEEDS[name].isHere
}

/** Where distributions put it; `CHROMIUM` names another. */
export function chromiumPath(): string | undefined {
  const places = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  return places.find((path) => path !== undefined && existsSync(path))
}

/** Says once, before the tests, which of them are skipped here and why. In CI that is a failure. */
export default function setup(): void {
  const missing = Object.entries(NEEDS).filter(([, { isHere: found }]) => !found)
  for (const [name, { install }] of missing) console.warn(`${name} is not here, so the tests that need it are skipped: ${install}`)
  if (missing.length > 0 && process.env['CI'] !== undefined)
    throw new Error(`In CI nothing may be missing: ${missing.map(([name]) => name).join(', ')}`)
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => directory !== '' && existsSync(join(directory, program)))
}
