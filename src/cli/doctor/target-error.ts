/** Why there is nothing to examine. The message holds nothing of the URL; `hint` says what to do. */
export class TargetError extends Error {
  override readonly name = 'TargetError'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** The messages of this package name the option and never quote the URL. @throws TargetError */
export function checked<Result>(read: () => Result, hint: string): Result {
  try {
    return read()
  } catch (error) {
    throw new TargetError(error instanceof Error ? error.message : 'The URL cannot be used', hint)
  }
}
