import { BROKEN, type USAGE } from './exit-code.ts'

/**
 * How a command ends when it cannot go on: the message goes to standard error as it is, without a stack. Any other error ends it
 * with 1.
 */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly exitCode: typeof BROKEN | typeof USAGE

  /** @param exitCode `USAGE` where the command line is to blame; default `BROKEN` */
  constructor(message: string, exitCode: typeof BROKEN | typeof USAGE = BROKEN) {
    super(message)
    this.exitCode = exitCode
  }
}
