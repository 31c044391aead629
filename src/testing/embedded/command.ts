import type { Keyspace } from './keyspace.ts'
import { type Bytes, RedisError, type Reply } from './reply.ts'
import type { Session } from './session.ts'
import type { State } from './state.ts'

/** A command that has arrived. */
export interface Call {
  /** Without the name. There are as many as the arity asks for. */
  readonly args: readonly Bytes[]
  readonly session: Session
  readonly state: State
  /** The database of the session. */
  readonly keys: Keyspace
}

/** One command of the server. */
export interface Command {
  /** How many words, the name included; negative: at least so many. */
  readonly arity: number
  /** It may make the memory grow. */
  readonly grows?: true
  /** Allowed before the password. */
  readonly isOpen?: true
  /** Carried out between MULTI and EXEC as well, instead of queued. */
  readonly isImmediate?: true
  /** What is wrong with the words behind the name, where that is known before the command is carried out or queued. */
  readonly refuse?: (args: readonly Bytes[]) => RedisError | undefined
  /** @throws RedisError, which is the answer then */
  readonly run: (call: Call) => Reply
}

/** By name, in capitals. */
export type Commands = Readonly<Record<string, Command>>

/** @returns the error of a command with too few or too many words */
export function arityError(name: string): RedisError {
  return new RedisError(`ERR wrong number of arguments for '${name.toLowerCase()}' command`)
}
