import { fromEnvelope } from '../../http/codec.ts'
import { hashText, keyText, parseTarget, type Target } from '../../http/key.ts'
import type { Marker, StoredResponse } from '../../http/stored.ts'
import type { Keys } from '../../entry/keys.ts'
import type { StoreContext } from '../../store/context.ts'
import { decodeEntry } from '../../entry/entry.ts'
import { jsonSerializer } from '../../entry/serializer.ts'
import { storedKey } from './stored-key.ts'

/** What a stored text says, and until when Redis keeps it (epoch ms). */
export interface Decoded {
  readonly value: StoredResponse | Marker
  readonly until: number | undefined
}

/** A URL taken apart, and the text of its key. */
interface Resource {
  readonly target: Target
  readonly text: string
}

/** What need not be computed twice: plain values, bounded, nothing that belongs to a request. */
export interface ResponseMemo {
  /** @returns undefined where the URL is none that is cached */
  resource(url: string): Resource | undefined
  /** SHA-256 as hexadecimal digits. */
  hash(text: string): string | Promise<string>
  /** Where what belongs to the resource lies. @param id the hash of its text */
  place(inside: StoreContext, id: string): string
  /** Reads and checks a stored text; undefined where it is none. Redis says what is stored: a text that differs is read anew. */
  decode(key: string, text: string): Decoded | undefined
}

const MAX_ENTRIES = 500
/** UTF-16 units of what is stored, and of a URL, which anybody can make long: 500 of 16 KB were 17 MB. */
const MAX_TEXT = 16_384
const MAX_URL = 2_048

/** @param allowQuery the parameters that count; undefined for the whole query */
export function createMemo(allowQuery: readonly string[] | undefined): ResponseMemo {
  const resources = new Map<string, Resource>()
  const hashes = new Map<string, string>()
  const places = new Map<string, { readonly keys: Keys; readonly place: string }>()
  const texts = new Map<string, { readonly text: string; readonly decoded: Decoded | undefined }>()

  function take(url: string): Resource | undefined {
    const target = parseTarget(url)
    if (target === undefined) return undefined
    const resource = { target, text: keyText(target, { allowQuery }) }
    if (url.length <= MAX_URL) put(resources, url, resource)
    return resource
  }
  async function compute(text: string): Promise<string> {
    const hash = await hashText(text)
    if (text.length <= MAX_URL) put(hashes, text, hash)
    return hash
  }
  return {
    resource: (url) => resources.get(url) ?? take(url),
    hash: (text) => hashes.get(text) ?? compute(text),
    place(inside, id) {
      const { keys } = inside.options
      const known = places.get(id)
      // One middleware may stand before several caches, each with a namespace of its own.
      if (known?.keys === keys) return known.place
      const place = storedKey(inside, id)
      put(places, id, { keys, place })
      return place
    },
    decode(key, text) {
      const known = texts.get(key)
      if (known?.text === text) return known.decoded
      const entry = decodeEntry(text, jsonSerializer)
      const value = fromEnvelope(entry?.value)
      const decoded = value && { value, until: entry?.expires }
      if (text.length <= MAX_TEXT) put(texts, key, { text, decoded })
      return decoded
    },
  }
}

function put<Value>(map: Map<string, Value>, key: string, value: Value): void {
  // The oldest goes: a map keeps the order in which keys came.
  if (map.size >= MAX_ENTRIES && !map.has(key)) map.delete(map.keys().next().value ?? '')
  map.set(key, value)
}
