import { CacheError, type Reason } from '../../errors.ts'
import type { Request } from '../../session/session.ts'
import type { Change, Changed, KeyRange, Kind, ReadManyOptions, ScannedPage, Store, Take, Text, Unwritten, Write } from '../store.ts'
import type { Change as KeyChange } from './changes.ts'
import type { Copies } from './copies.ts'
import { fromCopy, fromRedis, type Origin } from './origin.ts'

/** Failures that are about the call and say nothing of Redis. */
const OF_THE_CALL: readonly Reason[] = ['aborted', 'closed', 'oversize', 'decode']

/**
 * A store with copies in this process before it: a fresh one answers without a command, an older one where Redis gives no answer.
 *
 * @param isEnded whether the invocation is over: then no copy answers either
 */
export function createCopyingStore(store: Store, copies: Copies, now: () => number, isEnded: () => boolean): Store {
  return new CopyingStore(store, copies, now, isEnded)
}

/** A class, as the store beneath it: each invocation has one. */
class CopyingStore implements Store {
  readonly #store: Store
  readonly #copies: Copies
  readonly #now: () => number
  readonly #isEnded: () => boolean

  constructor(store: Store, copies: Copies, now: () => number, isEnded: () => boolean) {
    this.#store = store
    this.#copies = copies
    this.#now = now
    this.#isEnded = isEnded
  }

  read<Outcome>(key: string, kind: Kind, request: Request | undefined, take: Take<Outcome>): Promise<Outcome> {
    if (kind !== 'entry') return this.#store.read(key, kind, request, take)
    const mayAnswer = this.#mayAnswer(request)
    const copy = mayAnswer ? this.#copies.fresh(key) : undefined
    if (copy !== undefined) return answer(take, copy.text, fromCopy(copy, undefined))
    const ticket = this.#copies.ticket()
    const askedAt = this.#now()
    return this.#store.read(key, kind, request, (text, _, at) => {
      const origin = this.#originOf(key, text, ticket, askedAt, mayAnswer)
      return take(origin?.copy?.text ?? text, origin, at)
    })
  }

  async readMany(keys: readonly (string | CacheError)[], kind: Kind, request?: Request, options: ReadManyOptions = {}): Promise<readonly Text[]> {
    if (kind !== 'entry') return this.#store.readMany(keys, kind, request, options)
    const { isPresenceOnly = false, onOrigin } = options
    const mayAnswer = this.#mayAnswer(request)
    const origins = keys.map((key): Origin | undefined => {
      const copy = mayAnswer && typeof key === 'string' ? this.#copies.fresh(key) : undefined
      return copy && fromCopy(copy, undefined)
    })
    const asked = keys.filter((_, index) => origins[index] === undefined)
    const ticket = this.#copies.ticket()
    const askedAt = this.#now()
    const texts = asked.length === 0 ? [] : await this.#store.readMany(asked, kind, request, options)
    let next = 0
    return keys.map((key, index) => {
      const known = origins[index]
      const text = known === undefined ? texts[next++] : known.copy?.text
      const origin = known ?? (typeof key === 'string' ? this.#originOf(key, text, ticket, askedAt, mayAnswer, isPresenceOnly) : undefined)
      if (origin !== undefined) onOrigin?.(index, origin)
      return origin?.copy?.text ?? text
    })
  }

  write(changes: readonly (Change | Unwritten | CacheError)[], kind: Kind, request?: Request): Promise<readonly Changed[]>
  write<Outcome>(
    changes: readonly [Change | Unwritten | CacheError],
    kind: Kind,
    request: Request | undefined,
    finish: (outcome: Changed) => Outcome,
  ): Promise<Outcome>
  async write<Outcome>(
    changes: readonly (Change | Unwritten | CacheError)[],
    kind: Kind,
    request?: Request,
    finish?: (outcome: Changed) => Outcome,
  ): Promise<readonly Changed[] | Outcome> {
    const outcomes = await (kind === 'lease' ? this.#store.write(changes, kind, request) : this.#writeCopied(changes, kind, request))
    return finish === undefined ? outcomes : finish(outcomes[0] ?? false)
  }

  async #writeCopied(changes: readonly (Change | Unwritten | CacheError)[], kind: Kind, request?: Request): Promise<readonly Changed[]> {
    const begun = changes.map((change) => (change instanceof CacheError ? [] : this.#begin(change)))
    const askedAt = this.#now()
    const outcomes = await this.#store.write(changes, kind, request)
    for (const [index, change] of changes.entries()) this.#end(change, begun[index] ?? [], outcomes[index], kind, askedAt)
    return outcomes
  }

  async take(key: string, request?: Request): Promise<Text> {
    // No copy stands in: what is not known to be deleted must not be given away.
    const change = this.#copies.begin(key)
    const text = await this.#store.take(key, request)
    this.#copies.end(key, change)
    return text
  }

  walk(range: KeyRange, cursor: string | undefined, request?: Request): Promise<ScannedPage | CacheError> {
    return this.#store.walk(range, cursor, request)
  }

  #mayAnswer(request: Request | undefined): boolean {
    return request?.memory !== false && request?.signal?.aborted !== true && !this.#isEnded()
  }

  /** What a reply means for the copies, and what answers. */
  #originOf(key: string, text: Text, ticket: number, askedAt: number, mayAnswer: boolean, isPresenceOnly = false): Origin | undefined {
    if (text instanceof CacheError) {
      const spare = mayAnswer && isSilence(text) ? this.#copies.spare(key) : undefined
      return spare && fromCopy(spare, text)
    }
    // That something is there is an answer too, but not of which text it is.
    if (isPresenceOnly && text !== undefined) this.#copies.answered(key, 0, undefined)
    else this.#copies.answered(key, ticket, text)
    return text === undefined || isPresenceOnly ? undefined : fromRedis(this.#copies, key, text, ticket, askedAt, mayAnswer)
  }

  #begin(change: Change | Unwritten): readonly Begun[] {
    if ('keys' in change) return change.keys.map((key) => ({ key, change: this.#copies.begin(key), isLate: false }))
    // How long it lives says nothing of what it holds.
    if ('renewedFor' in change) return []
    const { key } = change
    const write = writeOf(change)
    // A version that is made where there is none makes nothing invalid.
    if (write?.ifAbsent === true && write.copied === undefined) return []
    const copied = write?.copied
    const isLate = copied !== undefined && this.#copies.isChanged(key, copied.since)
    return [{ key, change: this.#copies.begin(key, copied?.isLoaded), isLate }]
  }

  #end(change: Change | Unwritten | CacheError, begun: readonly Begun[], outcome: Changed | undefined, kind: Kind, askedAt: number): void {
    const write = kind !== 'entry' || change instanceof CacheError ? undefined : writeOf(change)
    const isConfirmed = outcome === true
    const isKept = write !== undefined && write.ifPresent !== true && (isConfirmed || (outcome instanceof CacheError && isSilence(outcome)))
    for (const one of begun) {
      if (!isKept || one.isLate) this.#copies.end(one.key, one.change)
      else
        this.#copies.end(one.key, one.change, {
          ...traitsOf(write, askedAt),
          text: write.text,
          isConfirmed,
          askedAt: write.copied?.versionsAt ?? askedAt,
          since: write.copied?.since,
          isUnsent: write !== change,
        })
    }
  }
}

/** A change of a key that has begun. */
interface Begun {
  readonly key: string
  readonly change: KeyChange
  /** The key was changed since the value was read from where it comes from. */
  readonly isLate: boolean
}

/** Whether Redis gave no answer: then a copy may. */
export function isSilence({ code }: CacheError): boolean {
  return !OF_THE_CALL.includes(code)
}

function traitsOf(
  { ttl, copied }: Write,
  at: number,
): { readonly freshUntil: number | undefined; readonly until: number | undefined; readonly on: readonly string[] | undefined } {
  const until = ttl === undefined ? undefined : at + ttl
  return { freshUntil: copied?.freshUntil ?? until, until, on: copied?.on }
}

function writeOf(change: Change | Unwritten): Write | undefined {
  if ('failure' in change) return change.instead
  return 'text' in change ? change : undefined
}

/** As a promise of what was read would do it. */
async function answer<Outcome>(take: Take<Outcome>, text: string, origin: Origin): Promise<Outcome> {
  return take(text, origin)
}
