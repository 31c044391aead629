import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** A port on which every new SYN is dropped, as behind a firewall that says nothing. */
export interface BlackHole {
  /** Frees the port. */
  close(): Promise<void>
}

/**
 * Node accepts whatever connects, so somebody has to listen who cannot: a thread that blocks.
 * It wakes only to close the port.
 */
const LISTENER = `
const { createServer } = require('node:net')
const { parentPort, workerData } = require('node:worker_threads')
const server = createServer()
server.listen({ host: workerData.host, port: workerData.port, backlog: 1 }, () => {
  parentPort.postMessage('listening')
  Atomics.wait(workerData.wake, 0, 0)
  server.close()
})
`

/** With a backlog of 1 Linux queues two connections; other systems a few more. */
const SURE_FILLERS = 2
const MOST_FILLERS = 16
/** Milliseconds. On loopback a connection that is accepted at all is so at once. */
const PROBE_TIMEOUT = 100

/**
 * Fills the accept queue of a port, so that the system drops every further SYN.
 *
 * @param host an address of loopback
 * @param port a free port
 * @throws Error where the port is taken, or where the system answers however full the queue is
 */
export async function openBlackHole(host: string, port: number): Promise<BlackHole> {
  const wake = new Int32Array(new SharedArrayBuffer(4))
  // No execArgv: under --input-type=module the thread would have no require.
  const worker = new Worker(LISTENER, { eval: true, execArgv: [], workerData: { host, port, wake } })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const fillers: Socket[] = []
  const close = async (): Promise<void> => {
    worker.ref()
    Atomics.store(wake, 0, 1)
    Atomics.notify(wake, 0)
    // The queue stays full until the port is closed: a SYN that comes in between must not be taken by a listener that is going.
    await exited
    for (const filler of fillers) filler.destroy()
  }
  await once(worker, 'message')
  for (let count = 0; count < MOST_FILLERS; count++) {
    const filler = connect({ host, port })
    filler.on('error', () => {})
    if (!(await isConnected(filler, count < SURE_FILLERS))) {
      filler.destroy()
      worker.unref()
      for (const held of fillers) held.unref()
      return { close }
    }
    fillers.push(filler)
  }
  await close()
  throw new Error('The system answers every SYN: a black hole cannot be made here')
}

/** @param isSure wait for it however long it takes: a busy event loop must not pass for a full queue */
async function isConnected(filler: Socket, isSure: boolean): Promise<boolean> {
  const connected = once(filler, 'connect').then(() => true)
  if (isSure) return connected
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PROBE_TIMEOUT)
  })
  try {
    return await Promise.race([connected, silence])
  } finally {
    clearTimeout(timer)
  }
}
