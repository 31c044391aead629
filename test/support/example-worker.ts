import { Miniflare } from 'miniflare'
import { bundleWorker } from '../../workers/local/bundle.ts'

/** An example of a page as a Worker in real workerd. */
export async function exampleWorker(path: string, bindings: Readonly<Record<string, string>>) {
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'edge.js', contents: await bundleWorker(path) }],
    bindings,
  })
  return {
    fetch: (pathname: string, init: { method?: string } = {}) => worker.dispatchFetch(`http://localhost${pathname}`, init),
    [Symbol.asyncDispose]: () => worker.dispose(),
  }
}
