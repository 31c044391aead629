import { BY_CLIENT, HTTP_FAULTS } from './http-faults.ts'
import { describeOutages } from './support/describe-outages.ts'
import { nodeRuntime } from './support/node-runtime.ts'

/** Connections are those of Node's fetch: it opens one after one was given up, and goes on connecting where packets are dropped. */
const OF_FETCH = /connection|invocation|leaves|burst/
/**
 * Bounds and memory around a client are those of the other suites, which meet every fault: here is one of each kind of answer and of
 * silence, to see that what the user's client makes of it is understood.
 */
const KINDS =
  /^(refused|every SYN is dropped|reset under the request|no headers|the body hangs|the body breaks off|500|429|401|a Redis behind it|garbage|an HTML page|bad JSON|a redirect loop)$/
const rows = HTTP_FAULTS.filter(({ name }) => KINDS.test(name)).map((row) => ({
  ...row,
  // Loading Node's fetch is a part of its first request.
  timeout: row.expected.isImmediate === true ? 3_000 : (row.timeout ?? 800),
  expectedIn: { [BY_CLIENT]: { isImmediate: false, dials: 2, attempts: 2, ...row.expectedIn?.[BY_CLIENT] } },
}))

describeOutages(rows, [nodeRuntime(BY_CLIENT, { driver: '@upstash/redis' }, true)], 5, (name) => !OF_FETCH.test(name))
