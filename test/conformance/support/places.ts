import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, type IncomingMessage, request as send } from 'node:http'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { createCache } from 'fastmiss'
import { Miniflare } from 'miniflare'
import { bundleWorker } from '../../../workers/local/bundle.ts'
import type { Runtime } from '../../runtimes/support/runtime.ts'
import { conformanceApp } from './app.ts'
import type { Answer, Exchange, Place } from './run-case.ts'

/** A place that has to be ended. */
export interface ServedPlace extends Place {
  stop(): Promise<unknown>
}

const SERVER = fileURLToPath(new URL('server.ts', import.meta.url))
const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url))

/** In this process, over memory, without a server. */
export function inProcess(): Place {
  const answer = conformanceApp(createCache({ url: 'memory:' }))
  return {
    hasWaitUntil: false,
    async ask({ method, host, path, headers }) {
      const response = await answer(new Request(new URL(path, `http://${host}`), { method, headers }))
      return { status: response.status, headers: response.headers, text: await response.text() }
    },
  }
}

/** Behind the server that a runtime brings, in a process of its own. */
export async function served({ name, program, argsWithEverything }: Runtime, url: string): Promise<ServedPlace> {
  const child = spawn(program, [...argsWithEverything, SERVER, url, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  const origin = await firstLine(child)
  const agent = new Agent({ keepAlive: true })
  return {
    hasWaitUntil: false,
    ask: (exchange) => askAt(origin, exchange, agent),
    async stop() {
      agent.destroy()
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}

export async function inWorkerd(url: string): Promise<ServedPlace> {
  const worker = new Miniflare({
    compatibilityDate: '2026-07-30',
    compatibilityFlags: ['nodejs_compat'],
    modules: [{ type: 'ESModule', path: 'worker.js', contents: await bundleWorker(WORKER) }],
    bindings: { url, namespace: 'workerd' },
  })
  const { origin } = await worker.ready
  const agent = new Agent({ keepAlive: true })
  return {
    hasWaitUntil: true,
    ask: (exchange) => askAt(origin, exchange, agent),
    async stop() {
      agent.destroy()
      await worker.dispose()
    },
  }
}

/** By Node's own client: a `fetch` puts in fields of its own where a request has a condition. */
async function askAt(origin: string, { method, host, path, headers }: Exchange, agent: Agent): Promise<Answer> {
  const asking = send(new URL(path, origin), { method, headers: { ...headers, host }, agent })
  asking.end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  const fields = Object.entries(response.headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value]))
  return { status: response.statusCode ?? 0, headers: new Headers(fields), text: await text(response) }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('The server says nothing')
  for await (const line of createInterface({ input: stdout })) return line
  throw new Error('The server ended before it served')
}
