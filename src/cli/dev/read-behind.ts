import { parseAddress } from '../../transport/tcp/address.ts'
import { CommandFailed } from '../command-failed.ts'
import { USAGE } from '../exit-code.ts'

/** The Redis of `--redis`. */
export interface Behind {
  /** As it was given. */
  readonly url: string
  /** What may be printed: without user, password and query. */
  readonly shown: string
}

/** @throws CommandFailed where it is no URL of a Redis; the message never quotes it */
export function readBehind(text: string): Behind {
  try {
    parseAddress(text, {})
  } catch (error) {
    throw new CommandFailed(`--redis: ${error instanceof Error ? error.message.replace(/^url: /, '') : 'cannot be used'}`, USAGE)
  }
  const { protocol, host } = new URL(text)
  if (protocol === 'unix:') throw new CommandFailed('--redis: the REST interface reaches redis: and rediss: only, no unix socket', USAGE)
  return { url: text, shown: `${protocol}//${host}` }
}
