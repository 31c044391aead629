import { afterAll } from 'vitest'
import { HTTP_FAULTS } from './http-faults.ts'
import { describeOutages } from './support/describe-outages.ts'
import { workerdRuntime } from './support/workerd-runtime.ts'

const workerd = workerdRuntime('workerd')
afterAll(() => workerd[Symbol.asyncDispose]())

describeOutages(HTTP_FAULTS, [{ ...workerd, keepsConnection: true }], 5)
