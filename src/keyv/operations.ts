import { overdueAfter } from '../entry/compression.ts'
import { decodeEntry, freshUntil } from '../entry/entry.ts'
import { CacheError } from '../errors.ts'
import { startClock, timeLeft } from '../policy/elapsed.ts'
import type { StoreContext } from '../store/context.ts'
import type { Origin } from '../store/copies/origin.ts'
import { observed } from '../store/observed.ts'
import type { Text } from '../store/store.ts'
import type { StoreTexts } from './texts.ts'
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
  context: StoreContext,
  texts: StoreTexts,
  keys: () => StoreKeys,
  tell: (failure: CacheError) => void,
): StoreOperations {
  const operations = operationsOn(context, texts, keys, tell)
  if (context.observation.observer === undefined) return operations
  const inside = (seen: StoreContext): StoreOperations => (seen === context ? operations : operationsOn(seen, texts, keys, tell))
  return {
    read: (given) => observed(context, ...calledWith('get', given), (seen) => inside(seen).read(given)),
    exist: (given) => observed(context, ...calledWith('has', given), (seen) => inside(seen).exist(given)),
    write: (entries) => {
      const given = entries.map(({ key }) => key)
      return observed(context, ...calledWith('set', given), (seen) => inside(seen).write(entries))
    },
    remove: (given) => observed(context, ...calledWith('delete', given), (seen) => inside(seen).remove(given)),
  }
}

/** As a cache is called. */
function calledWith(name: string, keys: readonly string[]): [name: string, given: readonly unknown[]] {
  return keys.length === 1 ? [name, keys] : [`${name}Many`, [keys]]
}

function operationsOn(
  { store, copies, report, options, now }: StoreContext,
  texts: StoreTexts,
  keys: () => StoreKeys,
  tell: (failure: CacheError) => void,
): StoreOperations {
  const expand = createExpand(options.serializer, options.valueBytes)

  async function read(given: readonly string[]): Promise<(string | undefined)[]> {
    const startedAt = now()
    const elapsed = startClock(now)
    const origins: (Origin | undefined)[] = []
    const onOrigin = copies === undefined ? {} : { onOrigin: (index: number, origin: Origin): void => void (origins[index] = origin) }
    const read = (await store.readMany(stored(given), 'entry', undefined, onOrigin)).map(texts.checked)
    for (const [index, origin] of origins.entries()) if (origin !== undefined) keep(origin, read[index])
    const overdue = overdueAfter(timeLeft(options.timeout, elapsed()))
    const found = told(await expand(read, () => overdue))
    report?.read('get', found, startedAt, origins, read)
    return found.map((text) => (text instanceof CacheError ? undefined : text))
  }

  /** Whether tags are valid is not looked at here, so that an entry with tags is not kept. */
  function keep(origin: Origin, text: Text): void {
    if (origin.copy !== undefined) return
    const entry = typeof text === 'string' ? decodeEntry(text, options.serializer) : undefined
    const isKept = typeof text === 'string' && entry?.tags === undefined
    origin.keep(isKept ? { freshUntil: entry && freshUntil(entry), until: entry?.expires } : undefined)
  }

  async function exist(given: readonly string[]): Promise<boolean[]> {
    const startedAt = now()
    const found = told(await store.readMany(stored(given), 'entry', undefined, { isPresenceOnly: true }))
    report?.read('has', found, startedAt)
    return found.map((one) => typeof one === 'string')
  }

  async function write(entries: readonly Written[]): Promise<boolean[]> {
    const startedAt = now()
    const changes = stored(entries.map(({ key }) => key)).map((key, index) =>
      key instanceof CacheError ? key : texts.toChange(key, entries[index]?.value, entries[index]?.end),
    )
    const outcomes = told(await store.write(changes, 'entry'))
    report?.write('set', outcomes, startedAt, changes)
    return outcomes.map((outcome) => !(outcome instanceof CacheError))
  }

  async function remove(given: readonly string[]): Promise<boolean[]> {
    const startedAt = now()
    const removals = stored(given).map((key) => (key instanceof CacheError ? key : { keys: [key], isLazy: true }))
    const outcomes = told(await store.write(removals, 'entry'))
    report?.write('delete', outcomes, startedAt)
    return outcomes.map((outcome) => outcome === true)
  }

  function stored(given: readonly string[]): readonly (string | CacheError)[] {
    return given.map((key) => keys().toStored(key))
  }

  function told<Answer>(answers: readonly (Answer | CacheError)[]): readonly (Answer | CacheError)[] {
    const failure = answers.find((answer) => answer instanceof CacheError)
    if (failure !== undefined) tell(failure)
    return answers
  }

  return { read, exist, write, remove }
}
