import { BY_CLIENT, HTTP_FAULTS } from './http-faults.ts'
import { describeOutages } from './support/describe-outages.ts'
import { nodeRuntime } from './support/node-runtime.ts'

/** Connections are those of Node's fetch: it opens one after one was given up, and goes on connecting where packets are dropped. */
const OF_FETCH = /connection|invocation|leaves|burst/
const rows = HTTP_FAULTS.map((row) => ({
  ...row,
  // Loading Node's fetch is a part of its first request.
  timeout: row.expected.isImmediate === true ? 3_000 : (row.timeout ?? 800),
  expectedIn: { [BY_CLIENT]: { isImmediate: false, dials: 2, attempts: 2, ...row.expectedIn?.[BY_CLIENT] } },
}))

describeOutages(rows, [nodeRuntime(BY_CLIENT, { driver: '@upstash/redis' }, true)], 5, (name) => !OF_FETCH.test(name))
