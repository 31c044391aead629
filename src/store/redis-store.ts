import { CacheError } from '../errors.ts'
import type { Batch } from '../session/batch.ts'
import { startClock, timeLeft } from '../policy/elapsed.ts'
import { batchOf, pendingBatch, send } from '../session/send.ts'
import type { Request, Session } from '../session/session.ts'
import type { Reply } from '../transport/transport.ts'
import { toChanged, toCommand } from './change.ts'
import * as redis from './commands.ts'
import { canMget, mget, type MgetTraits } from './mget.ts'
import { pageCommand, toPage } from './scan.ts'
import type { Change, Changed, KeyRange, Kind, ReadManyOptions, ScannedPage, Store, Take, Text, Unwritten } from './store.ts'

/** What a server was found out to lack. One for a cache: flags, nothing of a request. */
export interface ServerTraits extends MgetTraits {
  /** Redis before 6: its SCAN knows no TYPE. */
  lacksScanType?: boolean
}

/** @param session that the operation belongs to which asks */
export function createStore(session: () => Session, server: ServerTraits = {}): Store {
  return new RedisStore(session, server)
}

/** A class: each invocation has a store, and a closure for each method would cost it more than all the rest of the store. */
class RedisStore implements Store {
  readonly #session: () => Session
  readonly #server: ServerTraits

  constructor(session: () => Session, server: ServerTraits) {
    this.#session = session
    this.#server = server
  }

  read<Outcome>(key: string, kind: Kind, request: Request | undefined, take: Take<Outcome>): Promise<Outcome> {
    const session = this.#session()
    const batch = isPlain(request) ? batchOf(session, key) : undefined
    if (batch === undefined)
      return send(session, [redis.getCommand(key)], redis.keyOf, asked(kind, request)).then(([reply = null]) => take(redis.readText(reply)))
    const at = kind === 'version' ? positionOf(batch, key) : batch.commands.push(redis.getCommand(key)) - 1
    if (kind === 'entry') batch.replicable?.add(at)
    return batch.replies.then((slots) => {
      const slot = slots[at] ?? null
      if (slot instanceof Promise) return slot.then((reply) => take(redis.readText(reply)))
      batch.answeredAt ??= session.options.now()
      return take(redis.readText(slot), undefined, batch.answeredAt)
    })
  }

  async readMany(keys: readonly (string | CacheError)[], kind: Kind, request?: Request, options: ReadManyOptions = {}): Promise<readonly Text[]> {
    const named = keys.filter(isKey)
    const texts = named.length === 0 ? [] : await this.#readNamed(named, kind, request, options)
    if (named.length === keys.length) return texts
    let next = 0
    return keys.map((key) => (isKey(key) ? texts[next++] : key))
  }

  async #readNamed(keys: readonly string[], kind: Kind, request: Request | undefined, options: ReadManyOptions): Promise<readonly Text[]> {
    const { isOneSlot = false, isPresenceOnly = false, onAge } = options
    const session = this.#session()
    const isEntries = kind === 'entry' && !isOneSlot && !isPresenceOnly && onAge === undefined
    if (isEntries && canMget(session, this.#server, keys.length)) return mget(session, this.#server, keys, request)
    if (kind === 'version' && onAge === undefined && isPlain(request) && batchOf(session, keys[0] ?? '') !== undefined) {
      return Promise.all(keys.map((key) => this.read(key, kind, request, itself)))
    }
    const reads = isOneSlot ? [redis.getManyCommand(keys)] : keys.map((key) => (isPresenceOnly ? redis.existsCommand([key]) : redis.getCommand(key)))
    const commands = onAge === undefined ? reads : [...reads, ...keys.map(redis.ageCommand)]
    const replies = await send(session, commands, redis.keyOf, asked(kind, request))
    if (onAge !== undefined) for (const [index, reply] of replies.slice(reads.length).entries()) onAge(index, redis.readCount(reply))
    const read = isOneSlot ? redis.readMany(replies[0] ?? null, keys.length) : replies.slice(0, keys.length)
    return read.map(isPresenceOnly ? toPresence : redis.readText)
  }

  write(changes: readonly (Change | Unwritten | CacheError)[], kind: Kind, request?: Request): Promise<readonly Changed[]>
  write<Outcome>(
    changes: readonly [Change | Unwritten | CacheError],
    kind: Kind,
    request: Request | undefined,
    finish: (outcome: Changed) => Outcome,
  ): Promise<Outcome>
  write<Outcome>(
    changes: readonly (Change | Unwritten | CacheError)[],
    kind: Kind,
    request?: Request,
    finish?: (outcome: Changed) => Outcome,
  ): Promise<readonly Changed[] | Outcome> {
    const told = (outcome: Changed): readonly Changed[] | Outcome => (finish === undefined ? [outcome] : finish(outcome))
    const [only] = changes
    const isHot = changes.length === 1 && only !== undefined && isChange(only) && kind !== 'version' && isPlain(request)
    const hot = isHot ? this.#writeOne(only, told) : undefined
    if (hot !== undefined) return hot
    const writing = this.#writeAll(changes, kind, request)
    return finish === undefined ? writing : writing.then(([outcome = false]) => finish(outcome))
  }

  /** The hot path of one change: as `read`. @returns undefined where there is more to heed */
  #writeOne<Outcome>(change: Change, told: (outcome: Changed) => Outcome): Promise<Outcome> | undefined {
    const command = toCommand(change)
    const batch = batchOf(this.#session(), redis.keyOf(command) ?? '')
    if (batch === undefined) return undefined
    const at = batch.commands.push(command) - 1
    return batch.replies.then((slots) => {
      const slot = slots[at] ?? null
      return slot instanceof Promise ? slot.then((reply) => told(toChanged(change, reply))) : told(toChanged(change, slot))
    })
  }

  async #writeAll(changes: readonly (Change | Unwritten | CacheError)[], kind: Kind, request?: Request): Promise<readonly Changed[]> {
    const made = changes.filter(isChange)
    if (made.length === 0) return changes.flatMap((change) => (isChange(change) ? [] : [failureOf(change)]))
    const session = this.#session()
    const commands = made.map(toCommand)
    // A read after this write must send a command of its own, or it would get the version from before.
    if (kind === 'version') for (const [, key = ''] of commands) pendingBatch(session, key)?.reads?.delete(key)
    const replies = await send(session, commands, redis.keyOf, request)
    let next = 0
    return changes.map((change) => (isChange(change) ? toChanged(change, replies[next++] ?? null) : failureOf(change)))
  }

  async take(key: string, request?: Request): Promise<Text> {
    const session = this.#session()
    const elapsed = startClock(session.options.now)
    const [reply = null] = await send(session, [redis.takeCommand(key)], redis.keyOf, request)
    const text = redis.readText(reply)
    if (!redis.isUnknownCommand(text)) return text
    const left = timeLeft(request?.timeout ?? session.options.timeout, elapsed())
    const [read = null, removed = null] = await send(session, [redis.getCommand(key), redis.deleteCommand([key])], redis.keyOf, {
      ...request,
      timeout: left,
    })
    const count = redis.readCount(removed)
    if (count instanceof CacheError) return count
    // Another taker was faster: it has the text.
    return count === 0 ? undefined : redis.readText(read)
  }

  async walk(range: KeyRange, cursor: string | undefined, request?: Request): Promise<ScannedPage | CacheError> {
    const session = this.#session()
    if (this.#server.lacksScanType === true) return this.#walkAnyType(range, cursor, request)
    const [reply = null] = await send(session, [pageCommand(range, cursor)], undefined, request)
    if (!isSyntaxError(reply)) return toPage(range, reply)
    const page = await this.#walkAnyType(range, cursor, request)
    if (page instanceof CacheError) return toPage(range, reply)
    this.#server.lacksScanType = true
    return page
  }

  /** The server does not tell text from other types while it walks: it is asked for each key, in one more round trip. */
  async #walkAnyType(range: KeyRange, cursor: string | undefined, request?: Request): Promise<ScannedPage | CacheError> {
    const session = this.#session()
    const [reply = null] = await send(session, [pageCommand(range, cursor, true)], undefined, request)
    const page = toPage(range, reply)
    if (page instanceof CacheError || page.keys.length === 0) return page
    const types = await send(session, page.keys.map(redis.typeCommand), redis.keyOf, request)
    const failure = types.find((type) => type instanceof CacheError)
    return failure ?? { ...page, keys: page.keys.filter((_, index) => types[index] === 'string') }
  }
}

/** Redis has no code for it, and nothing else of a step could be wrong. */
function isSyntaxError(reply: Reply): boolean {
  return reply instanceof CacheError && reply.code === 'reply' && reply.cause?.code === 'ERR'
}

/** Nothing but the cache's timeout bounds it. */
function isPlain(request: Request | undefined): boolean {
  return request === undefined || (request.timeout === undefined && request.signal === undefined)
}

/** A replica may be behind: that is for entries alone. */
function asked(kind: Kind, request: Request | undefined): Request | undefined {
  return kind === 'entry' ? { ...request, isReplicable: true } : request
}

/** Within one batch a version is asked for once, whoever asks. */
function positionOf(batch: Batch, key: string): number {
  batch.reads ??= new Map()
  const known = batch.reads.get(key)
  if (known !== undefined) return known
  const at = batch.commands.push(redis.getCommand(key)) - 1
  batch.reads.set(key, at)
  return at
}

function toPresence(reply: Reply): Text {
  const count = redis.readCount(reply)
  if (count instanceof CacheError) return count
  return count > 0 ? '' : undefined
}

function itself(text: Text): Text {
  return text
}

function isKey(key: string | CacheError): key is string {
  return typeof key === 'string'
}

function isChange(change: Change | Unwritten | CacheError): change is Change {
  return !(change instanceof Error || 'failure' in change)
}

function failureOf(change: Unwritten | CacheError): CacheError {
  return change instanceof CacheError ? change : change.failure
}
