import { startBackend } from '../../../workers/local/backend.ts'
import { bundleWorker } from '../../../workers/local/bundle.ts'
import { startEdgeWorker } from '../../../workers/local/edge-worker.ts'
import { startPlayground } from '../../../workers/playground/server.ts'

/** The Worker is the same for all of them. */
let script: Promise<string> | undefined

/** What `npm start` serves, in this process: that it starts and ends as a program is what the tests of workers/ see. */
export async function startDemo(wire: 'TCP' | 'REST' = 'TCP'): Promise<{ readonly origin: string } & AsyncDisposable> {
  const backend = await startBackend(wire === 'REST')
  const worker = startEdgeWorker(backend.env, await (script ??= bundleWorker()))
  const { origin, stop } = await startPlayground({ port: 0, worker: await worker.ready, ...backend })
  return {
    origin,
    async [Symbol.asyncDispose]() {
      await stop()
      await worker.dispose()
      await backend.stop()
    },
  }
}
