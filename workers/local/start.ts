import { parseArgs } from 'node:util'
import { startPlayground } from '../playground/server.ts'
import { type Backend, startBackend } from './backend.ts'
import { bundleWorker } from './bundle.ts'
import { startClusterBackend } from './cluster-backend.ts'
import { startEdgeWorker } from './edge-worker.ts'

const values = readArguments()
if (values.upstash && values.cluster) {
  console.error('--cluster: the servers of a cluster speak TCP; leave out --upstash')
  process.exit(2)
}
const port = Number(values.port)
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  console.error('--port: expected a number from 0 (any free one) to 65535')
  process.exit(2)
}

console.log('Bundling workers/edge.ts and starting Redis …')
const [script, backend] = await Promise.all([bundleWorker(), values.cluster ? startCluster() : startBackend(values.upstash)])
console.log('Starting workerd …')
const worker = startEdgeWorker(backend.env, script)

const ends: (() => Promise<unknown>)[] = [backend.stop, () => worker.dispose()]
let stopping: Promise<void> | undefined
/** The last first. What fails to end must not keep the others. */
async function stop(): Promise<void> {
  for (const end of ends.toReversed()) await end().catch(() => undefined)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // miniflare 4's own listeners leave the process at once, before Redis has ended.
  process.removeAllListeners(signal).on(signal, () => {
    stopping ??= stop().then(() => process.exit(0))
  })
}

try {
  const { origin, stop: stopPlayground } = await startPlayground({ port, worker: await worker.ready, ...backend })
  ends.push(stopPlayground)
  console.log(`Serving workers/edge.ts in workerd at ${origin}
Behind it: ${backend.description}

Break and mend that Redis in a browser: ${origin}

Try:
  curl -X PUT -d hello ${origin}/set/greeting
  curl ${origin}/lookup/greeting
  curl ${origin}/health

Ctrl-C ends it.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  stopping ??= stop()
  await stopping
  process.exitCode = 1
}

/** Nothing embedded makes a cluster: where there is no redis-server, a sentence says so. */
async function startCluster(): Promise<Backend> {
  return startClusterBackend().catch((error: unknown) => {
    console.error(`--cluster: ${error instanceof Error ? error.message : 'the cluster did not start'}`)
    return process.exit(1)
  })
}

/** A mistyped option is answered in a sentence, not with a stack. */
function readArguments(): { readonly port: string; readonly upstash: boolean; readonly cluster: boolean } {
  try {
    const flag = { type: 'boolean', default: false } as const
    return parseArgs({ options: { port: { type: 'string', default: '8787' }, upstash: flag, cluster: flag } }).values
  } catch {
    // Not in Node's words, which quote what was typed.
    console.error(`there is an option or an argument that this program does not know\nusage: npm start -- [--upstash | --cluster] [--port 8787]`)
    return process.exit(2)
  }
}
