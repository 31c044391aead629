import type { KeyvFastmiss } from 'fastmiss/keyv'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { expect, test } from 'vitest'
import { FAULTS } from '../keyv/support/faults.ts'
import { loadKeyv5Project } from './support/keyv5-project.ts'

test.each(FAULTS)(
  'Keyv 5, %s %j: a miss or false within the timeout, one error event each, one listener',
  { timeout: 20_000 },
  async (fault, dose) => {
    await using project = await loadKeyv5Project()
    await using redis = await startRedis()
    await using proxy = await faultProxy({ target: redis.url })
    await proxy.set(fault, dose)
    const keyv = project.fastmiss.createKeyv(proxy.url, { timeout: 150, cooldown: 60_000, maxCooldown: 60_000 })
    // The driver's import is CPU time of this process, which no timeout covers; and nobody listens yet.
    await keyv.get('warm up')
    const errors: unknown[] = []
    keyv.on('error', (error) => errors.push(error))
    const startedAt = performance.now()
    const answers = [
      await keyv.get('k'),
      await keyv.set('k', 1),
      await keyv.setMany([
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
      ]),
      await keyv.getMany(['a', 'b']),
      await keyv.has('k'),
      await keyv.delete('k'),
      await keyv.clear(),
    ]
    expect(answers).toEqual([undefined, false, [false, false], [undefined, undefined], false, false, undefined])
    expect(errors).toHaveLength(answers.length)
    for (let index = 0; index < 200; index += 1) await keyv.get('k')
    expect(errors).toHaveLength(answers.length + 200)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect((keyv.store as KeyvFastmiss).listenerCount('error')).toBe(1)
    expect(proxy.counters.connections).toBeLessThanOrEqual(1)
    await keyv.disconnect()
  },
)
