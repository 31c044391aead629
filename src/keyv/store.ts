import { CacheError } from '../errors.ts'
import { internalsOf } from '../facade/internals.ts'
import { type Capabilities, capabilitiesOf } from './capabilities.ts'
import { createStoreClear } from './clear.ts'
import { createStoreTexts, type StoreTexts } from './texts.ts'
import { Emitter } from './emitter.ts'
import { iterate } from './iterate.ts'
import { createStoreKeys, type StoreKeys } from './keys.ts'
import { type KeyvMajor, wrongKeyv } from './lifetime.ts'
import { createStoreOperations, type StoreOperations } from './operations.ts'
import { createStoreNamespace, type StoreNamespace } from './namespace.ts'
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

/** What `setMany` comes to, in the words of the Keyv that calls it. */
export type ManySet<Major extends KeyvMajor> = Major extends 5 ? void : boolean[]

/** What `deleteMany` comes to, in the words of the Keyv that calls it. */
export type ManyDeleted<Major extends KeyvMajor> = Major extends 5 ? boolean : boolean[]

/**
 * A storage adapter for Keyv over any transport. It stores the text that Keyv hands it as it is, under keys that it prefixes
 * itself. No operation rejects for a fault of Redis: each answers as if nothing were stored, and emits one `error`, a `CacheError`.
 */
export class KeyvStore<Major extends KeyvMajor = KeyvMajor> extends Emitter {
  readonly #opened: Opened
  readonly #context: ReturnType<typeof internalsOf>
  readonly #keyv: KeyvMajor
  readonly #texts: StoreTexts
  readonly #operations: StoreOperations
  readonly #clear: (keys: StoreKeys) => Promise<CacheError | undefined>
  readonly #namespace: StoreNamespace
  #keys: StoreKeys

  /** @throws TypeError where the namespace could be taken for another one's key */
  constructor(opened: Opened) {
    super()
    this.#opened = opened
    this.#context = internalsOf(opened.cache)
    this.#keyv = opened.keyv ?? 6
    this.#texts = createStoreTexts(this.#keyv, this.#context.options.valueBytes, this.#context.now)
    this.#operations = createStoreOperations(
      this.#context,
      this.#texts,
      () => this.#keys,
      (failure) => this.#tell(failure),
    )
    this.#clear = createStoreClear(this.#context, opened.clearTimeout ?? 5_000)
    this.#namespace = createStoreNamespace(this.#keyv, opened.namespace ?? this.#context.options.namespace)
    this.#keys = this.#keysOf(this.#namespace.current)
  }

  /**
   * Keys are stored beneath it. Keyv sets its own here; one that the store was given is kept where Keyv has none, or the default of Keyv 5.
   *
   * @throws TypeError where it could be taken for another one's key, would take the place of another
   */
  get namespace(): string | undefined {
    return this.#namespace.told
  }
  set namespace(given: string | undefined) {
    this.#namespace.set(given)
    this.#keys = this.#keysOf(this.#namespace.current)
  }

  /** Tells Keyv 6 that `set` takes an instant. */
  get capabilities(): Capabilities {
    if (this.#keyv === 6) this.#namespace.claim()
    return capabilitiesOf(this.#keyv === 6)
  }

  /**
   * Asked for by Keyv 5 alone, when it is given the store: it iterates over a store of this dialect.
   *
   * @throws TypeError where the store speaks Keyv 6: all entries with a ttl would be lost
   */
  get opts(): Record<string, unknown> {
    if (this.#keyv === 6) throw new TypeError(wrongKeyv('a question for its opts'))
    this.#namespace.claim()
    return { dialect: 'redis', namespace: this.#namespace.told }
  }

  /** @returns the stored text, which Keyv's types name by the value that it will become; undefined where there is none or Redis is sick */
  async get<Value = string>(key: string): Promise<Value | undefined> {
    return (await this.getMany<Value>([key]))[0]
  }

  /** @returns by position, as `get` */
  async getMany<Value = string>(keys: readonly string[]): Promise<(Value | undefined)[]> {
    return (await this.#operations.read(keys)) as (Value | undefined)[]
  }

  /**
   * @param end Keyv 6: epoch ms; Keyv 5: ms from now; none for no expiry
   * @returns true only if Redis confirmed the write
   * @throws TypeError where a time to live comes in for an instant
   */
  async set(key: string, value: unknown, end?: number): Promise<boolean> {
    return (await this.#operations.write([{ key, value, end }]))[0] ?? false
  }

  /** @returns by position, as `set`; Keyv 5 expects nothing of it */
  async setMany(entries: readonly StoreEntry[]): Promise<ManySet<Major>> {
    const written = await this.#operations.write(
      entries.map(({ key, value, expires, ttl }) => ({ key, value, end: this.#keyv === 6 ? (expires ?? ttl) : ttl })),
    )
    return written as ManySet<Major>
  }

  /** @returns true where the key was there and is gone */
  async delete(key: string): Promise<boolean> {
    return (await this.#operations.remove([key]))[0] ?? false
  }

  /** @returns by position, as `delete`; for Keyv 5 one boolean, whether any was there */
  async deleteMany(keys: readonly string[]): Promise<ManyDeleted<Major>> {
    const deleted = await this.#operations.remove(keys)
    // Which of the two is told by the same option as the type.
    return (this.#keyv === 6 ? deleted : deleted.includes(true)) as ManyDeleted<Major>
  }

  /** @returns true where Redis confirmed that the key exists */
  async has(key: string): Promise<boolean> {
    return (await this.hasMany([key]))[0] ?? false
  }

  /** @returns by position, as `has` */
  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    return this.#operations.exist(keys)
  }

  /** All entries of the namespace, with Keyv's keys, read in batches. A key that Redis moves meanwhile may come twice. */
  async *iterator(): AsyncGenerator<[key: string, text: string], void> {
    for await (const found of iterate(this.#context, this.#keys, this.#texts.checked)) {
      if (!(found instanceof CacheError)) yield found
      else this.#tell(found)
    }
  }

  /**
   * Deletes the entries of this namespace, and never others'. Without a namespace, keys that hold `::` count as others'.
   * What could not be deleted within `clearTimeout` is told by an `error` event of the code `timeout`: the next call goes on.
   */
  async clear(): Promise<void> {
    this.#check(undefined)
    const failure = await this.#clear(this.#keys)
    if (failure !== undefined) this.#tell(failure)
  }

  /** Lets what is under way finish and destroys the connection that was kept; a later call dials anew. A cache that was handed in is left alone. */
  async disconnect(): Promise<void> {
    await this.#opened.close()
  }

  /** A fault of Redis. */
  #tell(failure: CacheError): void {
    if (this.#opened.emitErrors !== false) this.emit('error', failure)
  }

  #keysOf(namespace: string | undefined): StoreKeys {
    const keys = createStoreKeys(namespace, this.#opened.keyFormat ?? 'namespace::key', this.#context.options.keyBytes)
    const toStored = (key: string): string | CacheError => {
      this.#check(key)
      return keys.toStored(key)
    }
    return { ...keys, toStored }
  }

  /** @throws TypeError, of which a listener is told as well: `get` of Keyv 5 is silent about what a store throws */
  #check(key: string | undefined): void {
    try {
      this.#namespace.check(key)
    } catch (error) {
      this.emit('error', error)
      throw error
    }
  }
}
