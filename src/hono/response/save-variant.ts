import { CacheError } from '../../errors.ts'
import { parseVariants, variantLine, type Variants, variantsHead } from '../../http/variants.ts'
import type { StoreContext } from '../../store/context.ts'
import type { Change } from '../../store/store.ts'
import type { Lookup } from './lookup.ts'
import { storedKey, VARIANTS } from './stored-key.ts'

/** For so long (ms) one writer at a time makes room in a full list. */
const ROOM_MS = 2_000

/** One variant on its way to the store. */
export interface Variant {
  /** The text that identifies the resource. */
  readonly text: string
  /** The hash of the values that select it. */
  readonly part: string
  /** The names of what selects it, sorted. */
  readonly names: readonly string[]
}

/**
 * Writes a variant and lists it. Whoever finds the list full makes room under a lease, by dropping the oldest; who does not get the
 * lease drops its own variant. So all keys of a resource are known from its list, and bounded, however many come at once.
 *
 * @param keepFor ms
 * @param most variants of one resource
 * @returns true where Redis confirmed, false where there was no room, or why it is not confirmed
 */
export async function saveVariant(
  context: StoreContext,
  { id, variants, isBroken }: Lookup,
  { text, part, names }: Variant,
  encoded: string,
  keepFor: number,
  most: number,
): Promise<boolean | CacheError> {
  const { store } = context
  const list = storedKey(context, id, VARIANTS)
  const own = storedKey(context, id, part)
  const head = variantsHead(text)
  // Twice as long, so that it seldom has to be told to live on.
  const listFor = 2 * keepFor
  const line = variantLine(part, names)
  const add: readonly Change[] = [
    { key: list, text: head, ttl: listFor, ifAbsent: isBroken !== true },
    { key: list, more: line },
    // What was stored without a Vary would be found first.
    { keys: [storedKey(context, id)] },
  ]
  let left = keepFor

  const write = { key: own, text: encoded, ttl: keepFor }
  const [[outcome = false], first] = await changeAndLook([write, ...(variants?.parts.has(part) === true ? [] : add)])
  if (outcome !== true) return outcome
  // It was purged, or made room for others, since it was looked up.
  const listed = first?.parts.has(part) === true ? first : (await changeAndLook(add))[1]
  if (listed === undefined) return false
  if ([...listed.parts.keys()].indexOf(part) >= most && !(await makeRoom())) {
    await store.write([{ keys: [own], isLazy: true }], 'entry')
    return false
  }
  if (left < keepFor) await store.write([{ key: list, renewedFor: listFor }], 'entry')
  return true

  /** One round trip. What the list holds now is not a copy of it, which leases never have. */
  async function changeAndLook(changes: readonly Change[]): Promise<[Awaited<ReturnType<typeof store.write>>, Variants | undefined]> {
    const changing = store.write(changes, 'entry')
    const [content] = await store.readMany([list], 'lease', undefined, { onAge: (_, age) => (left = age instanceof CacheError ? left : age) })
    return [await changing, typeof content === 'string' ? parseVariants(content, text) : undefined]
  }

  /** @returns whether this one has a place in the list now */
  async function makeRoom(): Promise<boolean> {
    const lease = storedKey(context, id, 'room')
    const [isTaken] = await store.write([{ key: lease, text: '1', ttl: ROOM_MS, ifAbsent: true }], 'lease')
    if (isTaken !== true) return false
    const [, now] = await changeAndLook([])
    const others = [...(now?.parts ?? [])].filter(([one]) => one !== part)
    // Those beyond the bound drop themselves.
    const placed = others.slice(0, most)
    const gone = placed.slice(0, Math.max(0, placed.length - most + 1))
    const kept = placed.slice(gone.length).map(([one, selectors]) => variantLine(one, selectors))
    const anew: readonly Change[] = [
      { key: list, text: [head, ...kept, line].join(''), ttl: Math.max(left, listFor) },
      { keys: gone.map(([one]) => storedKey(context, id, one)), isLazy: true },
    ]
    await store.write([...(gone.length === 0 ? add : anew), { keys: [lease] }], 'entry')
    return true
  }
}
