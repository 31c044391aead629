import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Miniflare } from 'miniflare'
import { bundleWorker } from '../../../workers/local/bundle.ts'
import { certificates } from './certificates.ts'
import { briefing, type Runtime, type Switch } from './runtime.ts'
import type { Told } from './subject.ts'

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))

/** One workerd for all stories. */
export interface WorkerdRuntime extends Runtime, AsyncDisposable {}

/** @param name of the runtime, in the titles of tests */
export function workerdRuntime(name: string): WorkerdRuntime {
  const switches = new Map<string, Switch>()
  let starting: Promise<Worker> | undefined
  let plays = 0

  return {
    name,
    keepsConnection: false,
    sharesRootCalls: false,
    hasCopies: true,
    async start(row, outage, onOrder) {
      const { miniflare, output } = await (starting ??= startWorker(switches))
      // A story that is played again has caches of its own: those of the first time hold another address, and remember its outage.
      plays += 1
      const brief = briefing(`${row.name}, ${plays}`, row, outage)
      switches.set(brief.id, onOrder)
      return {
        async step(step) {
          const response = await miniflare.dispatchFetch('http://subject/', { method: 'POST', body: JSON.stringify({ ...brief, step }) })
          const text = await response.text()
          if (!response.ok) throw new Error(`workerd answered ${response.status}: ${text}`)
          return JSON.parse(text) as Told
        },
        leave: () => Promise.resolve({ output: output() }),
        [Symbol.asyncDispose]: async () => void switches.delete(brief.id),
      }
    },
    async [Symbol.asyncDispose]() {
      await (await starting)?.miniflare.dispose()
    },
  }
}

interface Worker {
  readonly miniflare: Miniflare
  /** All that it printed so far, in whatever story. */
  output(): string
}

async function startWorker(switches: ReadonlyMap<string, Switch>): Promise<Worker> {
  const [contents, { caFile }] = await Promise.all([bundleWorker(WORKER), certificates()])
  // miniflare 4 reads it once, when it is imported, and knows no other way to trust somebody.
  process.env['NODE_EXTRA_CA_CERTS'] = caFile
  const { Miniflare } = await import('miniflare')
  delete process.env['NODE_EXTRA_CA_CERTS']
  let output = ''
  const miniflare = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    // Not shown: what the runtime logs about sockets that were reset is no failure of the test.
    handleRuntimeStdio: (...streams: Readable[]) => streams.forEach((stream) => stream.on('data', (chunk) => (output += String(chunk)))),
    modules: [{ type: 'ESModule', path: 'worker.js', contents }],
    serviceBindings: {
      async CONTROL(request: { readonly url: string }) {
        const { searchParams } = new URL(request.url)
        const sight = await switches.get(searchParams.get('id') ?? '')?.(searchParams.get('order') ?? '')
        return Response.json(sight ?? { open: Number.NaN })
      },
    },
  })
  await miniflare.ready
  return { miniflare, output: () => output }
}
