import { checkKnown, checkOneOf, checkOptions } from '../check-values.ts'
import { CacheError, type ScrubbedCause } from '../../errors.ts'

const FAULTS = ['timeout', 'unreachable', 'auth', 'protocol', 'reply'] as const

/**
 * How a test cache's Redis fails.
 *
 * - `timeout` nothing answers: the clock moves on to the deadline
 * - `unreachable` the connection is refused
 * - `auth` the password is refused
 * - `protocol` the other side is not Redis
 * - `reply` each command is answered with an error, as by a full or read-only Redis; the connection stays, nothing is remembered
 */
export type TestFault = (typeof FAULTS)[number]

/** Which commands a fault of a test cache concerns, and for how long. */
export interface TestFaultOptions {
  /** Commands that read, or all others. Default: every command. */
  readonly only?: 'reads' | 'writes'
  /** How many round trips fail before Redis is well again. Default: until the next `fail`. */
  readonly times?: number
}

const ENDS_THE_CONNECTION = { isFatal: true, isOutage: true } as const

/** The error that the transports make of such a fault. */
export function faultError(fault: TestFault): CacheError {
  switch (fault) {
    case 'timeout':
      return new CacheError('timeout', 'No answer within the timeout', { ...ENDS_THE_CONNECTION, phase: 'command' })
    case 'unreachable':
      return new CacheError('unreachable', 'The connection could not be opened (ECONNREFUSED)', {
        ...ENDS_THE_CONNECTION,
        phase: 'connect',
        cause: { name: 'Error', code: 'ECONNREFUSED' },
      })
    case 'auth':
      return new CacheError('auth', 'Redis refused the credentials (WRONGPASS)', { ...ENDS_THE_CONNECTION, cause: replyCause('WRONGPASS') })
    case 'protocol':
      return new CacheError('protocol', 'The other side does not speak the Redis protocol', ENDS_THE_CONNECTION)
    case 'reply':
      return new CacheError('reply', 'Redis answered with an error (OOM)', { cause: replyCause('OOM') })
  }
}

/** @throws TypeError or RangeError, for callers without types */
export function checkFault(fault: TestFault | undefined, options: TestFaultOptions): void {
  checkOptions(options, ['only', 'times'])
  const { only, times } = options
  if (fault !== undefined) checkKnown('fail', fault, FAULTS)
  checkOneOf('only', only, ['reads', 'writes'])
  if (times !== undefined && !(Number.isInteger(times) && times > 0)) throw new RangeError('times: expected a whole number, 1 or more')
}

function replyCause(code: string): ScrubbedCause {
  return { name: 'ErrorReply', code }
}
