import { CacheError } from '../errors.ts'
import type { Parts } from '../store/parts.ts'
import * as redis from '../store/redis.ts'
import type { Command, Reply } from '../transport/transport.ts'
import type { StoreCommands } from './commands.ts'
import { createExpand } from './expand.ts'
import type { StoreKeys } from './keys.ts'

/** One entry as either Keyv writes it. */
interface Written {
  readonly key: string
  readonly value: unknown
  /** Keyv 6: epoch ms; Keyv 5: ms from now. */
  readonly end: unknown
}

/**
 * What a Keyv store asks Redis for: each function is one round trip, answers by position, and never rejects for a fault of Redis.
 * However many of its commands fail, the operation is one, and so is the error that is told.
 */
export interface StoreOperations {
  /** @returns the text, or undefined */
  read(keys: readonly string[]): Promise<(string | undefined)[]>
  /** @returns true where Redis confirmed that the key is there */
  exist(keys: readonly string[]): Promise<boolean[]>
  /** @returns true where Redis confirmed. @throws TypeError where a time to live comes in for an instant */
  write(entries: readonly Written[]): Promise<boolean[]>
  /** @returns true where the key was there and is gone */
  remove(keys: readonly string[]): Promise<boolean[]>
}

/**
 * @param keys the keys of the namespace that the store has at the time
 * @param tell is called with one error for each operation that failed
 */
export function createStoreOperations(
  { sender, report, options, now }: Parts,
  commands: StoreCommands,
  keys: () => StoreKeys,
  tell: (failure: CacheError) => void,
): StoreOperations {
  const expand = createExpand(options.serializer, options.valueBytes)

  async function read(given: readonly string[]): Promise<(string | undefined)[]> {
    const startedAt = now()
    const texts = told(await expand(await ask(each(given, redis.getCommand), commands.readText)))
    report?.read('get', texts, startedAt)
    return texts.map((text) => (text instanceof CacheError ? undefined : text))
  }

  async function exist(given: readonly string[]): Promise<boolean[]> {
    const startedAt = now()
    const counts = told(await ask(each(given, redis.existsCommand), redis.readCount))
    report?.read('has', counts.map(orUndefined), startedAt)
    return counts.map(isOne)
  }

  async function write(entries: readonly Written[]): Promise<boolean[]> {
    const startedAt = now()
    const built = entries.map(({ key, value, end }) => build(key, (storedKey) => commands.set(storedKey, value, end)))
    const outcomes = told(await ask(built, commands.readWritten))
    report?.write('set', outcomes, startedAt)
    return outcomes.map((outcome) => outcome === true)
  }

  async function remove(given: readonly string[]): Promise<boolean[]> {
    const startedAt = now()
    const counts = told(await ask(each(given, unlink), redis.readCount))
    report?.write('delete', counts, startedAt)
    return counts.map(isOne)
  }

  function each(given: readonly string[], command: (storedKey: string) => Command): (Command | CacheError)[] {
    return given.map((key) => build(key, command))
  }

  function build(key: string, command: (storedKey: string) => Command | CacheError): Command | CacheError {
    const storedKey = keys().toStored(key)
    return storedKey instanceof CacheError ? storedKey : command(storedKey)
  }

  async function ask<Answer>(
    built: readonly (Command | CacheError)[],
    readReply: (reply: Reply) => Answer | CacheError,
  ): Promise<(Answer | CacheError)[]> {
    return (await sender.all(built)).map(readReply)
  }

  function told<Answer>(answers: readonly (Answer | CacheError)[]): readonly (Answer | CacheError)[] {
    const failure = answers.find((answer) => answer instanceof CacheError)
    if (failure !== undefined) tell(failure)
    return answers
  }

  return { read, exist, write, remove }
}

function unlink(storedKey: string): Command {
  return redis.unlinkCommand([storedKey])
}

function isOne(count: number | CacheError): boolean {
  return count === 1
}

/** For the report: a key that is not there is a miss. */
function orUndefined(count: number | CacheError): number | CacheError | undefined {
  return count === 0 ? undefined : count
}
