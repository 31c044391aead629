import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { faultProxy, startRedis, startUpstash } from 'fastmiss/testing'
import { expect, test } from 'vitest'

const SCRIPT = `
import { createKeyv } from 'fastmiss/keyv'
const keyv = createKeyv(JSON.parse(process.env.TARGET))
await keyv.set('k', 1)
console.log(await keyv.get('k'))
process.on('exit', () => console.log('left', performance.now() - answeredAt < 250))
const answeredAt = performance.now()
`

/** What the script says, which never disconnects. */
async function run(target: {
  readonly url: string
  readonly token?: string
  readonly timeout: number
}): Promise<{ readonly end: unknown[]; readonly output: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    env: { ...process.env, TARGET: JSON.stringify(target) },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  return { end: await once(child, 'close'), output }
}

/** Ample for an answer on a busy machine; short where none will come. */
const timeoutFor = (fault: string): number => (fault === 'healthy' ? 5_000 : 200)

test.each(['healthy', 'silent', 'refuse', 'blackhole', 'reset', 'garbage', 'slow'] as const)(
  'the process leaves by itself, without disconnect, when Redis is %s',
  async (fault) => {
    await using redis = await startRedis()
    await using proxy = await faultProxy({ target: redis.url })
    await proxy.set(fault)
    const { end, output } = await run({ url: proxy.url, timeout: timeoutFor(fault) })
    expect(end).toEqual([0, null])
    expect(output).toBe(`${fault === 'healthy' ? '1' : 'undefined'}\nleft true\n`)
  },
)

test.each(['healthy', 'noHeaders', 'bodyStops', 'huge'] as const)('the process leaves by itself, over REST too: %s', async (fault) => {
  await using upstash = await startUpstash()
  upstash.set(fault)
  const { end, output } = await run({ url: upstash.url, token: upstash.token, timeout: timeoutFor(fault) })
  expect(end).toEqual([0, null])
  expect(output).toBe(`${fault === 'healthy' ? '1' : 'undefined'}\nleft true\n`)
})
