import { afterAll, expect, test } from 'vitest'
import { describeOutages } from './support/describe-outages.ts'
import { workerdRuntime } from './support/workerd-runtime.ts'
import { HUGE, TCP_FAULTS } from './tcp-faults.ts'

const workerd = workerdRuntime('workerd')
afterAll(() => workerd[Symbol.asyncDispose]())

describeOutages(TCP_FAULTS, [workerd])

test('in workerd a reply of 12 MB is oversize, and the isolate serves on', { timeout: 60_000 }, async () => {
  await using isolate = workerdRuntime('workerd')
  const row = TCP_FAULTS.find(({ name }) => name === HUGE)
  if (row === undefined) throw new Error('there is no such row')
  await using outage = await row.start()
  await outage.break()
  await using stage = await isolate.start(row, outage, () => Promise.reject(new Error('nobody asks')))
  const [huge] = (await stage.step('last')).answers
  expect(huge).toMatchObject({ status: 'degraded', reason: 'oversize' })
  expect(huge?.ms).toBeLessThan(5_000)
  expect(outage.attempts).toBe(1)
  await outage.cure()
  expect((await stage.step('last')).answers).toMatchObject([{ status: 'hit' }])
  expect(outage.attempts).toBe(2)
})
