import { initialAge, type Times } from '../../http/age.ts'
import { CacheError } from '../../errors.ts'
import { packBody } from '../../http/body.ts'
import { canStore, isStream, showsNonce, type StoringRequest } from '../../http/cacheable.ts'
import { fieldBytes, storableFields } from '../../http/fields.ts'
import { freshnessOf, type Head } from '../../http/freshness.ts'
import { keepFor } from '../../http/reuse.ts'
import { responseTags } from '../../http/groups.ts'
import { isBodilessStatus, isHeuristicStatus } from '../../http/status.ts'
import type { StoredResponse } from '../../http/stored.ts'
import { responsePolicy } from '../../http/targeted.ts'
import { selectorsOf } from '../../http/vary.ts'
import { internalsOf } from '../../facade/internals.ts'
import type { CacheOperations } from '../../facade/operations.ts'
import { FAILED } from './ask-option.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import type { Lookup, Query } from './lookup.ts'
import { prepareSave } from './save.ts'

/** What is needed to store a response to a request. */
export interface Exchange extends Times {
  readonly cache: CacheOperations
  readonly options: ResolvedOptions
  readonly query: Query
  readonly lookup: Lookup
  readonly request: StoringRequest
  /** Scheme and host, to which groups belong. */
  readonly origin: string
  /** Tags beside those of the response. Where they cannot be told, nobody could make it invalid, and it is not stored. */
  readonly tags: readonly string[] | typeof FAILED
}

/** Request fields that a URL's responses vary by, all of them together. */
const MAX_SELECTORS = 32
const MAX_TAGS = 64
/** UTF-16 units. */
const MAX_TAG = 1_024

/** A response that may be stored, but for its body. */
export interface Pending {
  /** As it will be stored. */
  readonly with: (body: StoredResponse['body']) => StoredResponse
  /** The stored form of complete bytes; undefined where they are not what the head says. */
  readonly whole: (bytes: Uint8Array<ArrayBuffer>) => StoredResponse | undefined
  /** Writes it. Begins at once. */
  readonly save: (stored: StoredResponse) => Promise<boolean>
  /** The write has to wait for something first: the invocation must stay open until it is done. */
  readonly isTagged: boolean
}

/** @returns undefined where the response may not be stored, or need not be; or somebody has read its body already */
export async function prepareStore(head: Head & { readonly bodyUsed?: boolean }, exchange: Exchange): Promise<Pending | undefined> {
  const { options, lookup, query, cache, request, tags: own } = exchange
  if (own === FAILED) return undefined
  const { status, headers } = head
  if (options.statuses?.has(status) === false) return undefined
  const policy = responsePolicy(headers, options.targets)
  const isStorable = (options.statuses !== undefined || isHeuristicStatus(status)) && !isStream(headers)
  const ttl = isStorable ? options.defaults.ttl : undefined
  const freshness = freshnessOf(head, policy, exchange.responseAt, { ...options.defaults, ttl })
  if (freshness === undefined || !canStore(request, head, policy, freshness) || head.bodyUsed === true) return undefined
  // What failed replaces what is stored only where it says itself that it may, for a time.
  if (status >= 500 && lookup.found !== undefined && (policy.values.size === 0 || freshness.lifetime <= 0)) return undefined
  if (Number(headers.get('content-length') ?? 0) > options.maxBodyBytes) return undefined
  const fields = storableFields(headers, policy, exchange.responseAt)
  const { save: write, vary } = await prepareSave(cache, query, lookup, headers, selectorsOf(headers, query.declared), options.maxVariants)
  if (vary.length > MAX_SELECTORS || fieldBytes(fields) + fieldBytes(vary) > options.maxHeaderBytes) return undefined

  const named = [...new Set([...responseTags(headers, exchange.origin), ...own])]
  if (named.length > MAX_TAGS || named.some((tag) => tag.length > MAX_TAG)) return undefined
  // Asked for now, while the body is on its way. What was invalidated since the handler was asked is not stored.
  const versions = named.length === 0 ? [] : internalsOf(cache).tags().takeLate(named, exchange.requestAt)

  const storedWith = (body: StoredResponse['body']): StoredResponse => ({
    key: query.text,
    vary,
    status,
    headers: fields,
    body,
    responseAt: exchange.responseAt,
    initialAge: initialAge(headers, exchange),
    freshness,
    tags: [],
  })
  function whole(bytes: Uint8Array<ArrayBuffer>): StoredResponse | undefined {
    const body = isComplete(head, bytes) ? packBody(bytes) : undefined
    return body === undefined || showsNonce(headers, body) ? undefined : storedWith(body)
  }
  async function save(stored: StoredResponse): Promise<boolean> {
    const lifetime = keepFor(stored, exchange.responseAt, options.keep)
    if (lifetime <= 0) return false
    const tags = Array.isArray(versions) ? versions : await versions
    if (tags instanceof CacheError) return write({ ...stored, tags: named.map((tag) => [tag, ''] as const) }, lifetime, tags)
    return tags !== undefined && write({ ...stored, tags }, lifetime)
  }
  return { isTagged: named.length > 0, with: storedWith, whole, save }
}

/** Only a whole body is stored: one that ends early, or says something else of its length, is not. */
function isComplete({ status, headers }: Head, bytes: Uint8Array): boolean {
  if (isBodilessStatus(status)) return bytes.length === 0
  const stated = headers.get('content-length')
  return stated === null || stated === String(bytes.length)
}
