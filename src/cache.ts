import { decodeEntry, encodeEntry, type Entry } from './entry.ts'
import { CacheError } from './errors.ts'
import { byteLengthExceeds } from './limits.ts'
import { checkCall, checkTtl, type ResolvedOptions } from './options.ts'
import { degraded, type Reporter } from './report.ts'
import type { Sender } from './sender.ts'
import * as redis from './store/redis.ts'
import type { Command, Reply } from './transport/transport.ts'
import type { CacheOperations, CacheResult, CallOptions, Health, SetEntry, SetOptions } from './types.ts'

/** What the operations run on. */
export interface OperationsOptions {
  readonly options: ResolvedOptions
  readonly transportName: string
  /** Whether one command may name keys of several hash slots. */
  readonly spansSlots: boolean
  readonly sender: Sender
  readonly report: Reporter | undefined
  readonly now: () => number
}

/** What one read came to: an entry, none, or why there is no answer. */
type Read = Entry | undefined | CacheError

/** The facade: the only place where an error becomes an outcome. */
export function createOperations({ options, transportName, sender, report, now }: OperationsOptions): CacheOperations {
  const { keys, serializer, keyBytes, valueBytes } = options

  /** The hot path: one asynchronous function, and for a plain call no promise but the turn's. */
  async function read<Outcome>(key: string, call: CallOptions | undefined, finish: (found: Read, startedAt: number) => Outcome): Promise<Outcome> {
    const startedAt = now()
    const storedKey = toStoredKey(key)
    if (call !== undefined) checkCall(call)
    let found: Read
    const turn = call === undefined && typeof storedKey === 'string' ? sender.turn() : undefined
    if (turn !== undefined && typeof storedKey === 'string') {
      const at = turn.commands.push(redis.getCommand(storedKey)) - 1
      found = toEntry((await turn.replies)[at] ?? null)
    } else {
      found = toEntry(storedKey instanceof CacheError ? storedKey : await sender.one(redis.getCommand(storedKey), call))
    }
    report?.read('get', [found], startedAt)
    return finish(found, startedAt)
  }

  function toEntry(reply: Reply): Read {
    const text = redis.readText(reply)
    if (typeof text !== 'string') return text
    if (byteLengthExceeds(text, valueBytes)) return tooLarge()
    const entry = decodeEntry(text, serializer)
    if (entry === undefined) return new CacheError('decode', 'What is stored under the key is not an entry')
    // Redis has dropped it by its own clock, as a rule; entries of other writers may carry `expires` alone.
    return entry.expires !== undefined && entry.expires <= now() ? undefined : entry
  }

  function toResult<Value>(found: Read, startedAt: number): CacheResult<Value> {
    if (found === undefined) return { status: 'miss' }
    const at = now()
    if (found instanceof CacheError) return degraded(found, at - startedAt)
    return {
      status: 'hit',
      value: found.value as Value,
      age: found.at === undefined ? undefined : Math.max(0, at - found.at),
      ttl: found.expires === undefined ? undefined : found.expires - at,
    }
  }

  async function getMany<Value>(given: readonly string[], call?: CallOptions): Promise<(Value | undefined)[]> {
    const startedAt = now()
    const found = (await askMany(given, redis.getCommand, call)).map(toEntry)
    report?.read('get', found, startedAt)
    return found.map(toValue<Value>)
  }

  async function write(entries: readonly SetEntry[], call: CallOptions | undefined): Promise<boolean[]> {
    if (call !== undefined) checkCall(call)
    const startedAt = now()
    const commands = entries.map((entry) => toSetCommand(entry, startedAt))
    const outcomes = (await sender.all(commands, call)).map(redis.readOk)
    report?.write('set', outcomes, startedAt)
    return outcomes.map(isConfirmed)
  }

  function toSetCommand({ key, value, ttl = options.ttl }: SetEntry, at: number): Command | CacheError {
    const storedKey = toStoredKey(key)
    if (storedKey instanceof CacheError) return storedKey
    const lifetime = ttl === undefined ? undefined : checkTtl(ttl)
    const text = encodeEntry(lifetime === undefined ? { value, at } : { value, expires: at + lifetime, at }, serializer)
    if (text === undefined) return new CacheError('decode', 'The value cannot be written as JSON and read back, so it is not stored')
    return byteLengthExceeds(text, valueBytes) ? tooLarge() : redis.setCommand(storedKey, text, lifetime)
  }

  async function deleteMany(given: readonly string[], call?: CallOptions): Promise<boolean[]> {
    const startedAt = now()
    const outcomes = (await askMany(given, redis.deleteCommand, call)).map(redis.readCount)
    report?.write('delete', outcomes, startedAt)
    return outcomes.map(isConfirmed)
  }

  async function hasMany(given: readonly string[], call?: CallOptions): Promise<boolean[]> {
    const startedAt = now()
    const outcomes = (await askMany(given, redis.existsCommand, call)).map(redis.readCount)
    report?.read(
      'has',
      outcomes.map((count) => (count === 0 ? undefined : count)),
      startedAt,
    )
    return outcomes.map((count) => count === 1)
  }

  /** The same command for each key, in one round trip. */
  async function askMany(
    given: readonly string[],
    command: (storedKey: string) => Command,
    call: CallOptions | undefined,
  ): Promise<readonly Reply[]> {
    if (!Array.isArray(given)) throw new TypeError('keys: expected an array of strings')
    if (call !== undefined) checkCall(call)
    const commands = given.map((key: string) => {
      const storedKey = toStoredKey(key)
      return storedKey instanceof CacheError ? storedKey : command(storedKey)
    })
    return sender.all(commands, call)
  }

  async function health(call?: CallOptions): Promise<Health> {
    if (call !== undefined) checkCall(call)
    const startedAt = now()
    const failure = redis.readPong(await sender.one(redis.PING, { ...call, ignoresCooldown: true }))
    const ms = now() - startedAt
    report?.read('health', [failure ?? 'PONG'], startedAt)
    if (failure === undefined) return { status: 'ok', transport: transportName, ms }
    return { status: 'degraded', transport: transportName, ms, reason: failure.code }
  }

  function toStoredKey(key: string): string | CacheError {
    const storedKey = keys.public(key)
    if (!byteLengthExceeds(storedKey, keyBytes)) return storedKey
    return new CacheError('oversize', `The key is longer than limits.keyBytes (${keyBytes})`)
  }

  function tooLarge(): CacheError {
    return new CacheError('oversize', `The entry is larger than limits.valueBytes (${valueBytes})`)
  }

  return {
    get: <Value>(key: string, call?: CallOptions) => read(key, call, toValue<Value>),
    set: async (key, value, call: SetOptions = {}) => (await write([{ ...call, key, value }], call))[0] ?? false,
    getMany,
    setMany: async (entries, call) => write(entries, call),
    delete: async (key, call) => (await deleteMany([key], call))[0] ?? false,
    deleteMany,
    has: async (key, call) => (await hasMany([key], call))[0] ?? false,
    hasMany,
    lookup: <Value>(key: string, call?: CallOptions) => read(key, call, toResult<Value>),
    health,
  }
}

/** The type is the caller's claim, as in every cache that takes one. */
function toValue<Value>(found: Read): Value | undefined {
  return found === undefined || found instanceof CacheError ? undefined : (found.value as Value)
}

function isConfirmed(outcome: unknown): boolean {
  return !(outcome instanceof CacheError)
}
