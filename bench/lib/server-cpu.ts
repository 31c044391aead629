import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'

/** A server in a process of its own, whose CPU is its alone. */
export interface MeasuredServer {
  /** CPU of the server per response, µs. */
  cpuPerResponse(path: string, responses: number, connections: number): Promise<number>
  /** One response, to look at. */
  ask(path: string): Promise<{ readonly headers: Readonly<Record<string, unknown>>; readonly text: string }>
  stop(): Promise<void>
}

/**
 * As in a server that is always busy. V8 collects the garbage of one that has nothing to do, here while others are measured: it then
 * makes the young generation smaller, which is collected four times as often from there on, and drops what it has compiled. Which of
 * the servers that meets is chance.
 */
const BUSY = ['--min-semi-space-size=16', '--no-memory-reducer']

/** @param script forked with `args`; sends `{ port }` when it listens, and `{ cpu }` (µs) whenever it is sent anything */
export async function startMeasured(script: string, args: readonly string[]): Promise<MeasuredServer> {
  const child = fork(script, args, { execArgv: BUSY })
  const { port } = (await messageOf(child)) as { port: number }

  async function cpu(): Promise<number> {
    child.send('cpu')
    return ((await messageOf(child)) as { cpu: number }).cpu
  }
  function ask(path: string, agent?: Agent): Promise<{ headers: Record<string, unknown>; text: string }> {
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, ...(agent === undefined ? {} : { agent }) }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => (text += part))
        response.on('end', () => resolve({ headers: response.headers, text }))
      }).on('error', reject)
    })
  }
  async function cpuPerResponse(path: string, responses: number, connections: number): Promise<number> {
    const agent = new Agent({ keepAlive: true, maxSockets: connections })
    let left = responses
    async function work(): Promise<void> {
      while (left-- > 0) await ask(path, agent)
    }
    const before = await cpu()
    await Promise.all(Array.from({ length: connections }, work))
    const used = (await cpu()) - before
    agent.destroy()
    return used / responses
  }
  return {
    cpuPerResponse,
    ask,
    async stop() {
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, 'message')) as [unknown]
  return message
}
