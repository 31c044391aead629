import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { NameOptions } from '../lookup.ts'
import { fetchRequester, type HttpAnswer, type HttpRequest, type Requester } from './request.ts'

/** A connection that served nothing for so long (ms) is closed; undici's default. */
const IDLE = 4_000

const runtimeFetch = globalThis.fetch
/** Whether the fetch of this runtime is the one that is to be avoided. */
const isUndici = 'undici' in process.versions

interface Client {
  readonly request: (url: string, options: RequestOptions) => ClientRequest
  readonly agent: Agent
  readonly names: Omit<NameOptions, 'autoSelectFamily'>
}

/**
 * By node:http, on Node. Its fetch (undici 7) takes more than twice the CPU for a request, opens a connection after one was given
 * up, though nobody asked for it, and goes on connecting for ten seconds to an address that drops packets, which holds the process.
 * Bun and Deno have fetches of their own, without those faults; there a request by node:http that is given up on a pooled connection
 * holds the process for good (Deno 2.9). Who put another fetch in the place of the runtime's, or another dispatcher under it (a proxy, a
 * mock), gets what they asked for.
 *
 * @param protocol of the URL that it is for: Node's TLS is loaded for `https:` alone
 * @returns one with a pool of its own
 */
export function nodeRequester(protocol: string): Requester {
  let client: Client | undefined

  async function load(): Promise<void> {
    if (!isUndici) return
    const loading = protocol === 'https:' ? import('node:https') : import('node:http')
    const [{ request, Agent }, { namesOnNode }] = await Promise.all([loading, import('../lookup.ts')])
    const { lookup, autoSelectFamilyAttemptTimeout } = namesOnNode(undefined)
    client ??= { request, agent: new Agent({ keepAlive: true, timeout: IDLE }), names: { lookup, autoSelectFamilyAttemptTimeout } }
  }

  async function send(url: string, request: HttpRequest): Promise<HttpAnswer> {
    if (!isUndici || isReplaced()) return fetchRequester.send(url, request)
    if (client === undefined) await load()
    return client === undefined ? fetchRequester.send(url, request) : exchange(client, url, request)
  }
  return { send, load }
}

/** The dispatcher of Node's fetch is where undici keeps it for all its copies. */
function isReplaced(): boolean {
  if (globalThis.fetch !== runtimeFetch) return true
  const dispatcher: unknown = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'))
  return typeof dispatcher === 'object' && dispatcher !== null && dispatcher.constructor.name !== 'Agent'
}

function exchange({ request: send, agent, names }: Client, url: string, { headers, body, signal, isFresh }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = send(url, { method: 'POST', headers, signal, agent: isFresh ? false : agent, ...names })
    // It stays: an error after the answer is told to whoever reads the body, and must not end the process.
    request.on('error', reject)
    request.on('response', (message) => resolve(toAnswer(message)))
    request.end(body)
  })
}

function toAnswer(message: IncomingMessage): HttpAnswer {
  message.on('error', () => {})
  return {
    status: message.statusCode ?? 0,
    headers: {
      get(name) {
        const value = message.headers[name]
        return value === undefined ? null : String(value)
      },
    },
    body: message,
    async text() {
      message.setEncoding('utf8')
      let text = ''
      for await (const part of message) text += String(part)
      return text
    },
  }
}
