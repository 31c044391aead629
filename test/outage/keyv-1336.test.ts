import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { faultProxy } from 'fastmiss/testing'
import { expect, test } from 'vitest'

/** What the reporter of keyv #1336 wanted to write: a Redis that was never there, one get, and the end. */
const SCRIPT = `
import { subscribe } from 'node:diagnostics_channel'
let dials = 0
subscribe('net.client.socket', () => (dials += 1))
import { createCache } from 'fastmiss'

const cache = createCache({ url: process.env.URL, connection: process.env.CONNECTION })
console.log('get', await cache.get('foo'))
console.log('set', await cache.set('foo', 'bar'))
await new Promise((resolve) => setTimeout(resolve, 1_500))
console.log(dials + ' dial')
console.log('get', await cache.get('foo'))
await cache.close()
console.log(dials + ' dials')
const answeredAt = performance.now()
process.on('exit', () => console.log('left at once', performance.now() - answeredAt < 300))
`

test.each(['per-invocation', 'reuse'])(
  'keyv #1336, connection %s: a Redis that was never there is dialled when asked for, and the process leaves',
  async (connection) => {
    await using proxy = await faultProxy({ target: 'tcp://127.0.0.1:1' })
    await proxy.set('refuse')
    const startedAt = performance.now()
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
      env: { ...process.env, URL: `redis://127.0.0.1:${proxy.port}`, CONNECTION: connection },
      timeout: 20_000,
    })
    // The second get comes after the cooldown: that is one more attempt, and the last.
    expect(stdout).toBe('get undefined\nset false\n1 dial\nget undefined\n2 dials\nleft at once true\n')
    expect(stderr).toBe('')
    expect(performance.now() - startedAt).toBeLessThan(10_000)
  },
)
