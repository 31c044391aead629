import { cacheHandler, cacheHandlers, type IncrementalHandler, type NextOptions, type UseCacheEntry, type UseCacheHandler } from 'fastmiss/next'

/** What Next.js makes its handlers with, as far as they look at it. */
export function contextOf(buildId = 'build-1') {
  return {
    serverDistDir: '/app/.next/server',
    fs: {
      readFile: async (path: string) => {
        if (path !== '/app/.next/server/../BUILD_ID') throw new Error('no such file')
        return `${buildId}\n`
      },
    },
  }
}

/** As one process of Next.js has it: a class made once, and an instance of it for each request. */
export function instance(options: NextOptions, buildId?: string): () => IncrementalHandler {
  const Handler = cacheHandler(options)
  return () => new Handler(contextOf(buildId))
}

/** A process's handler of `'use cache'`. */
export function useCache(options: NextOptions): UseCacheHandler {
  return cacheHandlers(options)
}

/** An entry of `'use cache'` as Next.js hands it over: its value is a stream. */
export function entry(chunks: readonly (string | Uint8Array)[], given: Partial<UseCacheEntry> = {}): UseCacheEntry {
  return {
    value: new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)
        controller.close()
      },
    }),
    tags: [],
    stale: 300,
    timestamp: performance.timeOrigin + performance.now(),
    expire: 3_600,
    revalidate: 900,
    ...given,
  }
}

export async function bytesOf(found: UseCacheEntry | undefined): Promise<Uint8Array | undefined> {
  return found && new Uint8Array(await new Response(found.value as BodyInit).arrayBuffer())
}

export async function textOf(found: UseCacheEntry | undefined): Promise<string | undefined> {
  const bytes = await bytesOf(found)
  return bytes && new TextDecoder().decode(bytes)
}

/** A page of the App Router as Next.js stores it. */
export function page(html: string, tags: readonly string[] = []) {
  return {
    kind: 'APP_PAGE',
    html,
    rscData: Buffer.from([0, 255, 128, 10]),
    status: 200,
    postponed: undefined,
    headers: { 'x-next-cache-tags': ['_N_T_/layout', ...tags].join(',') },
    segmentData: new Map([
      ['/_tree', Buffer.from([1, 2, 3])],
      ['/page', Buffer.from('seg')],
    ]),
  }
}

/** What a `fetch` was answered with, as Next.js stores it. */
export function fetched(body: string, tags: readonly string[] = [], revalidate = 60) {
  return { kind: 'FETCH', data: { headers: { 'content-type': 'text/plain' }, body, status: 200, url: 'https://example.com/' }, tags, revalidate }
}
