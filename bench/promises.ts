import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { faultProxy, startRedis, startUpstash, type Fault, type GatewayFault } from '../dist/testing/index.js'

/** Prints the figures of the README: every fault in a fresh process with the default options. `npm run promises` */
const TCP_FAULTS: readonly Fault[] = ['healthy', 'refuse', 'blackhole', 'silent', 'reset', 'garbage', 'halfReply', 'slow', 'drip', 'freeze', 'huge']
const HTTP_FAULTS: readonly GatewayFault[] = [
  'healthy',
  'noHeaders',
  'bodyStops',
  'reset',
  '500',
  '429',
  '401',
  'html',
  'badJson',
  'redirect',
  'huge',
  'slow',
]

interface Outage {
  readonly answer: string
  readonly firstMs: number
  readonly secondMs: number
  readonly burstMs: number
  readonly stored: number
  readonly dials: number
  readonly lastAnswerAt: number
}

await using redis = await startRedis()
await using proxy = await faultProxy({ target: redis.url })
await using upstash = await startUpstash({ redis: redis.url })

console.log('| wire | fault | answer | first, ms | second, ms | 1,000 more, ms | writes confirmed of 50 | connections | exit after, ms |')
console.log('|---|---|---|---|---|---|---|---|---|')
for (const fault of TCP_FAULTS) {
  await proxy.set(fault)
  await print('TCP', fault, [proxy.url])
}
for (const fault of HTTP_FAULTS) {
  upstash.set(fault)
  await print('HTTP', fault, [upstash.url, upstash.token])
}

async function print(wire: string, fault: string, endpoint: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./lib/outage-child.ts', import.meta.url)), ...endpoint], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit').then(() => Date.now())
  const [output, exitAt] = await Promise.all([text(child.stdout), exited])
  const { answer, firstMs, secondMs, burstMs, stored, dials, lastAnswerAt } = JSON.parse(output) as Outage
  const ms = [firstMs, secondMs, burstMs].map((one) => one.toFixed(1)).join(' | ')
  console.log(`| ${wire} | ${fault} | ${answer} | ${ms} | ${stored} | ${dials} | ${exitAt - lastAnswerAt} |`)
}
