import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'

const SCRIPT = `
import { createKeyv } from 'fastmiss/keyv'
const keyv = createKeyv(process.env.URL, { timeout: 200 })
await keyv.set('k', 1)
console.log(await keyv.get('k'))
process.on('exit', () => console.log('left', Math.round(performance.now() - answeredAt) < 500))
const answeredAt = performance.now()
`

test.each(['healthy', 'silent', 'refuse'] as const)('the process leaves by itself, without disconnect, when Redis is %s', async (fault) => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await proxy.set(fault)
  const child = spawn(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    env: { ...process.env, URL: proxy.url },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 20_000,
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  expect(await once(child, 'close')).toEqual([0, null])
  expect(output).toBe(`${fault === 'healthy' ? '1' : 'undefined'}\nleft true\n`)
})
