import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What some tests need and this machine may lack, with the command that brings it, and the files that cannot run without it. */
const NEEDS = {
  'redis-server': {
    isHere: isOnPath('redis-server'),
    install: 'apt-get install redis-server, or brew install redis',
    // Everything else runs on the embedded Redis there. These ask for scripts, ACL, DEBUG, TLS faults or the program itself.
    files: [
      'test/cli/{dev*,doctor*,drill*}.test.ts',
      'test/docs/read-through*.test.ts',
      'test/keyv/{clear,options,outage}.test.ts',
      'test/outage/*.test.ts',
      'test/runtimes/nodes.test.ts',
      'test/store/clear.test.ts',
      'test/docs/testing.test.ts',
      'test/testing/{embedded-differential,redis-contract,start-cluster,start-redis,upstash}.test.ts',
      'test/transport/{cluster,sentinel}/*.test.ts',
      'test/transport/tcp-connect.test.ts',
      'test/workers/start-cluster.test.ts',
    ],
  },
  chromium: {
    isHere: chromiumPath() !== undefined,
    install: 'apt-get install chromium-headless-shell (or chromium), or set CHROMIUM to the path of a Chromium or Chrome',
    files: ['test/playground/*.test.ts', 'test/outages/*.test.ts', 'test/cli/drill-picture.test.ts'],
  },
  'what people bundle and compile with': {
    isHere: existsSync('test/consumers/node_modules/webpack'),
    install: 'npm run peers',
    files: ['test/package/{bundlers,consumers}.test.ts'],
  },
  'an application of Next.js': {
    isHere: existsSync('test/next/app/node_modules/next'),
    install: 'npm run peers',
    files: ['test/next/app.test.ts'],
  },
  'what builds an application of Nuxt and one of Nitro': {
    isHere: existsSync('test/unstorage/applications/node_modules/nuxt'),
    install: 'npm run peers',
    files: ['test/unstorage/nuxt.test.ts'],
  },
  "Lambda's runtime client": {
    // CI compiles it beside the other tests.
    isHere: isLambdaClientHere() || process.env['LAMBDA_CLIENT'] === 'compiling',
    install: 'npm run lambda-client',
    files: ['test/lambda/runtime-client.test.ts'],
  },
} as const

/** Whether it is compiled: this is the last that is written. */
export function isLambdaClientHere(): boolean {
  return existsSync('test/lambda/client/node_modules/aws-lambda-ric/rapid-client.node')
}

/** The files that are left out here. */
export function filesThatCannotRun(): readonly string[] {
  return Object.values(NEEDS).flatMap(({ isHere, files }) => (isHere ? [] : files))
}

/** Where distributions put it; `CHROMIUM` names another. The one without windows first: it does the same for a quarter of the CPU. */
export function chromiumPath(): string | undefined {
  const places = [
    process.env['CHROMIUM'],
    '/usr/bin/chromium-headless-shell',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ]
  return places.find((path) => path !== undefined && existsSync(path))
}

/** Says once, before the tests, which of them are skipped here and why. In CI that is a failure. */
export default function setup(): void {
  const missing = Object.entries(NEEDS).filter(([, { isHere: found }]) => !found)
  for (const [name, { install, files }] of missing) console.warn(`${name} is not here: ${install}\n  left out: ${files.join(', ')}`)
  if (missing.length > 0 && process.env['CI'] !== undefined)
    throw new Error(`In CI nothing may be missing: ${missing.map(([name]) => name).join(', ')}`)
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => directory !== '' && existsSync(join(directory, program)))
}
