import { describeOutages } from './support/describe-outages.ts'
import { nodeRuntime } from './support/node-runtime.ts'
import { TCP_FAULTS } from './tcp-faults.ts'

/** Stories under way at once. Making a client's class takes tens of ms of CPU in each of their processes. */
const AT_ONCE = 3

describeOutages(
  TCP_FAULTS,
  [
    nodeRuntime('Node, by createClient of redis 6', { driver: 'redis' }, false),
    nodeRuntime('Node, by createClient of redis 5', { driver: 'redis5' }, false),
  ],
  AT_ONCE,
)
