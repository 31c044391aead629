import { afterAll, expect, test } from 'vitest'
import { describeOutages } from './support/describe-outages.ts'
import { workerdRuntime } from './support/workerd-runtime.ts'
import type { FaultRow } from './support/outage.ts'
import { largeReply, TCP_FAULTS } from './tcp-faults.ts'

const workerd = workerdRuntime('workerd')
afterAll(() => workerd[Symbol.asyncDispose]())

describeOutages(TCP_FAULTS, [workerd])

/** Several such replies at once would be the end of an isolate, which has 128 MB: a story asks for more than one. */
const HUGE: FaultRow = {
  name: 'a reply of 12 MB',
  onset: 'cold',
  timeout: 3_000,
  start: () => largeReply(12_582_912),
  expected: { read: ['oversize'], write: true, isRemembered: false },
}

test('in workerd a reply of 12 MB is oversize, and the isolate serves on', { timeout: 60_000 }, async () => {
  await using isolate = workerdRuntime('workerd')
  await using outage = await HUGE.start()
  await outage.break()
  await using stage = await isolate.start(HUGE, outage, () => Promise.reject(new Error('nobody asks')))
  const [huge] = (await stage.step('last')).answers
  expect(huge).toMatchObject({ status: 'degraded', reason: 'oversize' })
  expect(huge?.ms).toBeLessThan(5_000)
  expect(outage.attempts).toBe(1)
  await outage.cure()
  expect((await stage.step('last')).answers).toMatchObject([{ status: 'hit' }])
  expect(outage.attempts).toBe(2)
})
