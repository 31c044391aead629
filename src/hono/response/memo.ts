import { fromEnvelope } from '../../http/codec.ts'
import { hashText, keyText, parseTarget, type Target } from '../../http/key.ts'
import type { StoredResponse } from '../../http/stored.ts'
import { parseVariants, type Variants } from '../../http/variants.ts'
import type { Keys } from '../../entry/keys.ts'
import type { StoreContext } from '../../store/context.ts'
import { decodeEntry } from '../../entry/entry.ts'
import { jsonSerializer } from '../../entry/serializer.ts'
import { storedKey, VARIANTS } from './stored-key.ts'

/** Where what belongs to a resource lies. */
interface Places {
  readonly base: string
  readonly variants: string
  /** Whether this process has found a list of variants there last, or a response; undefined for neither. */
  varies: boolean | undefined
}

/** A URL taken apart, and the text of its key. */
interface Resource {
  readonly target: Target
  readonly text: string
}

/** What need not be computed twice: plain values, bounded, nothing that belongs to a request. */
export interface ResponseMemo {
  /** @returns undefined where the URL is none that is cached */
  resource(context: StoreContext, url: string): Resource | undefined
  /** SHA-256 as hexadecimal digits. */
  hash(text: string): string | Promise<string>
  /** Where what belongs to the resource lies. @param id the hash of its text */
  places(context: StoreContext, id: string): Places
  /** Reads and checks a stored text; undefined where it is none. Redis says what is stored: a text that differs is read anew. */
  decode(key: string, text: string): StoredResponse | undefined
  /** The same for a list of variants. @param of the text of the resource's key */
  variants(key: string, text: string, of: string): Variants | undefined
}

const MAX_ENTRIES = 500
/** UTF-16 units of what is stored, and of a URL, which anybody can make long: 500 of 16 KB were 17 MB. */
const MAX_TEXT = 16_384
const MAX_URL = 2_048

/** @param allowQuery the parameters that count; undefined for the whole query */
export function createMemo(allowQuery: readonly string[] | undefined): ResponseMemo {
  const resources = new Map<string, Resource & { readonly keys: Keys }>()
  const hashes = new Map<string, string>()
  const places = new Map<string, Places & { readonly keys: Keys }>()
  const responses = new Map<string, Read<StoredResponse>>()
  const lists = new Map<string, Read<Variants>>()

  function take(keys: Keys, url: string): Resource | undefined {
    const target = parseTarget(url)
    if (target === undefined) return undefined
    const resource = { keys, target, text: keyText(keys.prefix, target, { allowQuery }) }
    if (url.length <= MAX_URL) put(resources, url, resource)
    return resource
  }
  async function compute(text: string): Promise<string> {
    const hash = await hashText(text)
    if (text.length <= MAX_URL) put(hashes, text, hash)
    return hash
  }
  return {
    resource({ options: { keys } }, url) {
      const known = resources.get(url)
      // One middleware may stand before several caches, each with a namespace of its own.
      return known?.keys === keys ? known : take(keys, url)
    },
    hash: (text) => hashes.get(text) ?? compute(text),
    places(context, id) {
      const { keys } = context.options
      const known = places.get(id)
      if (known?.keys === keys) return known
      const found = { keys, base: storedKey(context, id), variants: storedKey(context, id, VARIANTS), varies: undefined }
      put(places, id, found)
      return found
    },
    decode: (key, text) => read(responses, key, text, () => fromEnvelope(decodeEntry(text, jsonSerializer)?.value)),
    variants: (key, text, of) => read(lists, key, text, () => parseVariants(text, of)),
  }
}

interface Read<Value> {
  readonly text: string
  readonly value: Value | undefined
}

function read<Value>(known: Map<string, Read<Value>>, key: string, text: string, parse: () => Value | undefined): Value | undefined {
  const before = known.get(key)
  if (before?.text === text) return before.value
  const value = parse()
  if (text.length <= MAX_TEXT) put(known, key, { text, value })
  return value
}

function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  // The oldest goes: a map keeps the order in which keys came.
  if (map.size >= MAX_ENTRIES && !map.has(key)) map.delete(map.keys().next().value ?? '')
  map.set(key, value)
}
