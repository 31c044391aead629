import { expect, test } from 'vitest'
import { openHttp } from '../../src/transport/http/connection.ts'

/** An exchange whose answer has a part every few ms for so long, and leaves nothing else the time to run. */
async function busy(ms: number, every: number, onProgress: () => void): Promise<readonly string[]> {
  const endAt = performance.now() + ms
  while (performance.now() < endAt) {
    const partAt = performance.now() + every
    while (performance.now() < partAt);
    onProgress()
    await Promise.resolve()
  }
  return ['value']
}

async function asked(ms: number, every: number, timeout: number) {
  const connection = openHttp((_commands, _signal, onProgress) => busy(ms, every, onProgress))
  const startedAt = performance.now()
  const [reply] = await connection.send([['GET', 'k']], Date.now() + timeout)
  return { reply, ms: performance.now() - startedAt }
}

test('an answer whose reading keeps the event loop busy is cut off at the timeout, although no timer fires', async () => {
  const { reply, ms } = await asked(3_000, 2, 100)
  expect(reply).toMatchObject({ code: 'timeout', isOutage: false })
  expect(ms).toBeLessThan(1_500)
})

test('an answer that waited while something else blocked the event loop is read', async () => {
  const { reply } = await asked(300, 150, 100)
  expect(reply).toBe('value')
})
