import { type NextRuntime, open } from './open.ts'
import { pack, unpack } from './pack.ts'
import type {
  CacheControl,
  GetContext,
  HandlerContext,
  HandlerValue,
  IncrementalHandler,
  IncrementalHandlerClass,
  IncrementalValue,
  NextOptionsGiven,
  SetContext,
} from './types.ts'

/** What is stored of an entry. */
interface Stored {
  readonly value: object | null
  readonly maps?: readonly string[]
  /** Epoch ms. */
  readonly lastModified: number
  readonly cacheControl?: CacheControl
}

/** Next.js names the tags of a page in this field of its response. */
const TAGS_FIELD = 'x-next-cache-tags'

/** @throws TypeError or RangeError that names the option, what was given and what is allowed */
export function createCacheHandler(given: NextOptionsGiven, runtime: NextRuntime): IncrementalHandlerClass {
  const { entries, buildId: givenId } = open(given, runtime)
  let readId: Promise<string | undefined> | undefined

  /** A class, since Next.js makes one for each request: it has nothing of its own but where the build lies. */
  return class FastmissCacheHandler implements IncrementalHandler {
    readonly #context: HandlerContext

    constructor(context: HandlerContext) {
      this.#context = context
    }

    async get(key: string, context: GetContext = {}): Promise<HandlerValue | null> {
      const storedKey = await this.#keyOf(key, context.kind)
      if (storedKey === undefined) return null
      const { kind, tags = [], softTags = [] } = context
      const soft = kind === 'FETCH' ? [...new Set([...tags, ...softTags])] : []
      const found = await entries.read(storedKey, soft, (value) => isFresh(value, context))
      return found === undefined ? null : toHandlerValue(found.value, found.isStale, context)
    }

    async set(key: string, value: IncrementalValue | null, context: SetContext = {}): Promise<void> {
      const storedKey = await this.#keyOf(key, context.fetchCache === true ? 'FETCH' : value?.kind)
      if (storedKey === undefined) return
      const { cacheControl } = context
      const stored: Stored = { ...pack(value), lastModified: Date.now(), ...(cacheControl && { cacheControl }) }
      const { expire } = cacheControl ?? {}
      await entries.write(storedKey, {
        value: stored,
        tags: tagsOf(value, context),
        keepFor: typeof expire === 'number' ? expire * 1_000 : undefined,
      })
    }

    revalidateTag(tags: string | readonly string[], durations?: { readonly expire?: number | undefined }): Promise<void> {
      return entries.revalidate(typeof tags === 'string' ? [tags] : tags, durations)
    }

    /** There is nothing that belongs to one request. */
    resetRequestCache(): void {}

    /** Keys of data and images hold what they depend on; those of pages do not hold the build that renders them. */
    async #keyOf(key: string, kind: string | undefined): Promise<string | undefined> {
      if (kind === 'FETCH') return `fetch:${key}`
      if (kind === 'IMAGE') return `image:${key}`
      const buildId = givenId ?? (await (readId ??= readBuildId(this.#context)))
      return buildId === undefined ? undefined : `page:${buildId}:${key}`
    }
  }
}

/** @returns undefined where there is none, as in `next dev`: then pages are not kept, since another build's would be found */
async function readBuildId({ serverDistDir, fs }: HandlerContext): Promise<string | undefined> {
  if (serverDistDir === undefined || fs === undefined) return undefined
  try {
    return String(await fs.readFile(`${serverDistDir}/../BUILD_ID`, 'utf8')).trim()
  } catch {
    return undefined
  }
}

function tagsOf(value: IncrementalValue | null, { tags }: SetContext): readonly string[] {
  if (tags !== undefined) return tags
  const { headers } = (value ?? {}) as { readonly headers?: Readonly<Record<string, unknown>> }
  const named = headers?.[TAGS_FIELD]
  return typeof named === 'string' ? named.split(',') : []
}

/** By the rules of Next.js: seconds from when it was stored. */
function isFresh(stored: Partial<Stored>, context: GetContext): boolean {
  const seconds = revalidateOf(stored, context)
  return typeof seconds !== 'number' || Date.now() <= (stored.lastModified ?? 0) + seconds * 1_000
}

/** Seconds; false or undefined where time does not make it stale. */
function revalidateOf({ value, cacheControl }: Partial<Stored>, { kind, revalidate }: GetContext): number | false | undefined {
  if (kind !== 'FETCH' && kind !== 'IMAGE') return cacheControl?.revalidate
  const own = value && 'revalidate' in value ? value.revalidate : undefined
  if (typeof revalidate === 'number' && revalidate > 0) return revalidate
  return typeof own === 'number' ? own : undefined
}

/** What Next.js takes for stale where a tag says so: it knows instants and lifetimes, and no such word. */
function toHandlerValue(stored: Partial<Stored>, isStale: boolean, context: GetContext): HandlerValue | null {
  const value = unpack(stored)
  const { lastModified, cacheControl } = stored
  if (value === undefined || typeof lastModified !== 'number') return null
  const entry = { value: value as null, lastModified, ...(cacheControl && { cacheControl }) }
  if (!isStale || !isFresh(stored, context)) return entry
  const seconds = revalidateOf(stored, context)
  if (typeof seconds === 'number') return { ...entry, lastModified: Math.max(1, Date.now() - seconds * 1_000 - 1) }
  // For ever, as far as time goes: a second that is over, until it is rendered anew.
  return { ...entry, lastModified: Date.now() - 1_001, cacheControl: { expire: undefined, ...cacheControl, revalidate: 1 } }
}
