import { CacheError } from '../errors.ts'
import { internalsOf } from '../internals.ts'
import * as redis from '../store/redis.ts'
import type { Command, Reply } from '../transport/transport.ts'
import { type Capabilities, capabilitiesOf } from './capabilities.ts'
import { createStoreClear } from './clear.ts'
import { createStoreCommands, type StoreCommands } from './commands.ts'
import { Emitter } from './emitter.ts'
import { iterate } from './iterate.ts'
import { createStoreKeys, type StoreKeys } from './keys.ts'
import { type KeyvMajor, wrongKeyv } from './lifetime.ts'
import type { Opened } from './options.ts'

/** One entry of `setMany`: `expires` by Keyv 6, `ttl` by Keyv 5. */
export interface StoreEntry {
  readonly key: string
  /** What Keyv serialized. */
  readonly value: unknown
  /** Epoch ms. */
  readonly expires?: number | undefined
  /** ms */
  readonly ttl?: number | undefined
}

/**
 * A storage adapter for Keyv over any transport. It stores the text that Keyv hands it as it is, under keys that it prefixes
 * itself. No operation rejects for a fault of Redis: each answers as if nothing were stored, and emits one `error`, a `CacheError`.
 */
export class KeyvStore extends Emitter {
  readonly #opened: Opened
  readonly #parts: ReturnType<typeof internalsOf>
  readonly #keyv: KeyvMajor
  readonly #commands: StoreCommands
  readonly #clear: (keys: StoreKeys) => Promise<CacheError | undefined>
  #namespace: string | undefined
  #keys: StoreKeys

  /** @throws TypeError where the namespace could be taken for another one's key */
  constructor(opened: Opened) {
    super()
    this.#opened = opened
    this.#parts = internalsOf(opened.cache)
    this.#keyv = opened.keyv ?? 6
    this.#commands = createStoreCommands(this.#keyv, this.#parts.options.valueBytes, this.#parts.now)
    this.#clear = createStoreClear(this.#parts, opened.clearTimeout ?? 5_000)
    this.#namespace = opened.namespace ?? this.#parts.options.namespace
    this.#keys = this.#keysOf(this.#namespace)
  }

  /** Keys are stored beneath it. Keyv sets its own here. @throws TypeError where it could be taken for another one's key */
  get namespace(): string | undefined {
    return this.#namespace
  }
  set namespace(given: string | undefined) {
    const namespace = given === '' ? undefined : given
    this.#keys = this.#keysOf(namespace)
    this.#namespace = namespace
  }

  /** Tells Keyv 6 that `set` takes an instant. */
  get capabilities(): Capabilities {
    return capabilitiesOf(this.#keyv === 6)
  }

  /**
   * Asked for by Keyv 5 alone, when it is given the store: it iterates over a store of this dialect.
   *
   * @throws TypeError where the store speaks Keyv 6: all entries with a ttl would be lost
   */
  get opts(): Record<string, unknown> {
    if (this.#keyv === 6) throw new TypeError(wrongKeyv('a question for its opts'))
    return { dialect: 'redis', namespace: this.#namespace }
  }

  /** @returns the stored text; undefined where there is none or Redis is sick */
  async get(key: string): Promise<string | undefined> {
    return (await this.getMany([key]))[0]
  }

  /** @returns by position, as `get` */
  async getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    const texts = await this.#ask(
      keys.map((key) => this.#command(key, redis.getCommand)),
      this.#commands.readText,
      'get',
    )
    return texts.map((text) => (text instanceof CacheError ? undefined : text))
  }

  /**
   * @param end Keyv 6: epoch ms; Keyv 5: ms from now; none for no expiry
   * @returns true only if Redis confirmed the write
   * @throws TypeError where a time to live comes in for an instant
   */
  async set(key: string, value: unknown, end?: number): Promise<boolean> {
    return (await this.#write([{ key, value, end }]))[0] ?? false
  }

  /** @returns by position, as `set` */
  async setMany(entries: readonly StoreEntry[]): Promise<boolean[]> {
    return this.#write(entries.map(({ key, value, expires, ttl }) => ({ key, value, end: this.#keyv === 6 ? (expires ?? ttl) : ttl })))
  }

  /** @returns true where the key was there and is gone */
  async delete(key: string): Promise<boolean> {
    return (await this.#deleteEach([key]))[0] ?? false
  }

  /** @returns by position, as `delete`; for Keyv 5 one boolean, whether any was there */
  async deleteMany(keys: readonly string[]): Promise<boolean[]> {
    const deleted = await this.#deleteEach(keys)
    // The type is that of Keyv 6, the one that new code is written for.
    return this.#keyv === 6 ? deleted : (deleted.includes(true) as unknown as boolean[])
  }

  /** @returns true where Redis confirmed that the key exists */
  async has(key: string): Promise<boolean> {
    return (await this.hasMany([key]))[0] ?? false
  }

  /** @returns by position, as `has` */
  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    const counts = await this.#ask(
      keys.map((key) => this.#command(key, redis.existsCommand)),
      redis.readCount,
      'has',
    )
    return counts.map((count) => count === 1)
  }

  /** All entries of the namespace, with Keyv's keys, read in batches. A key that Redis moves meanwhile may come twice. */
  async *iterator(): AsyncGenerator<[key: string, text: string], void> {
    for await (const found of iterate(this.#parts, this.#keys, this.#commands.readText)) {
      if (!(found instanceof CacheError)) yield found
      else this.emit('error', found)
    }
  }

  /**
   * Deletes the entries of this namespace, and never others'. Without a namespace, keys that hold `::` count as others'.
   * What could not be deleted within `clearTimeout` is told by an `error` event of the code `timeout`: the next call goes on.
   */
  async clear(): Promise<void> {
    const failure = await this.#clear(this.#keys)
    if (failure !== undefined) this.emit('error', failure)
  }

  /** Lets what is under way finish and destroys the connection that was kept; a later call dials anew. A cache that was handed in is left alone. */
  async disconnect(): Promise<void> {
    await this.#opened.close()
  }

  async #write(entries: readonly { readonly key: string; readonly value: unknown; readonly end: unknown }[]): Promise<boolean[]> {
    const commands = entries.map(({ key, value, end }) => this.#command(key, (stored) => this.#commands.set(stored, value, end)))
    const outcomes = await this.#ask(commands, this.#commands.readWritten, 'set')
    return outcomes.map((outcome) => outcome === true)
  }

  async #deleteEach(keys: readonly string[]): Promise<boolean[]> {
    const counts = await this.#ask(
      keys.map((key) => this.#command(key, redis.deleteCommand)),
      redis.readCount,
      'delete',
    )
    return counts.map((count) => count === 1)
  }

  #command(key: string, build: (stored: string) => Command | CacheError): Command | CacheError {
    const stored = this.#keys.toStored(key)
    return stored instanceof CacheError ? stored : build(stored)
  }

  /** Sends all commands in one round trip. However many fail, the operation is one, and so is its error event. */
  async #ask<Answer>(
    commands: readonly (Command | CacheError)[],
    read: (reply: Reply) => Answer | CacheError,
    operation: 'get' | 'set' | 'delete' | 'has',
  ): Promise<(Answer | CacheError)[]> {
    const { sender, report, now } = this.#parts
    const startedAt = now()
    const answers = (await sender.all(commands)).map(read)
    if (operation === 'get' || operation === 'has')
      report?.read(
        operation,
        answers.map((answer) => (answer === 0 ? undefined : answer)),
        startedAt,
      )
    else report?.write(operation, answers, startedAt)
    const failure = answers.find((answer) => answer instanceof CacheError)
    if (failure !== undefined) this.emit('error', failure)
    return answers
  }

  #keysOf(namespace: string | undefined): StoreKeys {
    return createStoreKeys(namespace, this.#opened.keyFormat ?? 'namespace::key', this.#parts.options.keyBytes)
  }
}
