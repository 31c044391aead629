import { HTTP_FAULTS } from './http-faults.ts'
import { describeOutages } from './support/describe-outages.ts'
import { nodeRuntime } from './support/node-runtime.ts'

describeOutages(HTTP_FAULTS, [nodeRuntime('Node', {}, true)], 5)
