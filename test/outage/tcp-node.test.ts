import { describeOutages } from './support/describe-outages.ts'
import { nodeRuntime } from './support/node-runtime.ts'
import { TCP_FAULTS } from './tcp-faults.ts'

describeOutages(TCP_FAULTS, [
  nodeRuntime('Node, a connection an invocation', {}, false),
  nodeRuntime('Node, a kept connection', { connection: 'reuse' }, true),
])
