import { expect, test } from 'vitest'
import { lazily } from '../../src/transport/lazily.ts'

test('a driver that cannot be loaded fails each command as an outage that names it and says why', async () => {
  const failure = Object.assign(new Error('no such module'), { code: 'ERR_MODULE_NOT_FOUND' })
  const transport = lazily({ name: 'tcp', spansSlots: false }, 'some-driver', () => Promise.reject(failure))
  await transport.load?.()
  const connection = transport.open()
  const replies = await connection.send([['GET', 'a'], ['PING']], Date.now() + 1_000)
  expect(replies).toHaveLength(2)
  for (const reply of replies) {
    expect(reply).toMatchObject({ code: 'unreachable', isFatal: true, isOutage: true, cause: { code: 'ERR_MODULE_NOT_FOUND' } })
    expect(String(reply)).toContain('some-driver could not be loaded: no such module')
  }
  expect(connection.isUsable).toBe(false)
})
