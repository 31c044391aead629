import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

/** What the function answered, or the error that it told. */
export interface Outcome {
  readonly status: 'response' | 'error'
  readonly body: unknown
  /** From the hand-over of the event to the answer. */
  readonly ms: number
}

/** Lambda's Runtime API on loopback: hands out events one at a time and takes the answers. */
export interface RuntimeApi {
  /** `host:port`, for AWS_LAMBDA_RUNTIME_API. */
  readonly address: string
  /**
   * @param event JSON
   * @param timeout ms until the deadline that the function is told
   */
  invoke(event: unknown, timeout: number): Promise<Outcome>
  /** Rejects everything that still waits. */
  fail(error: Error): void
  stop(): Promise<void>
}

interface Invocation {
  readonly id: string
  readonly event: unknown
  readonly timeout: number
  readonly settle: (outcome: Outcome) => void
  readonly reject: (error: Error) => void
  startedAt: number
}

const ROOT = '/2018-06-01/runtime'

export async function startRuntimeApi(): Promise<RuntimeApi> {
  const queued: Invocation[] = []
  const running = new Map<string, Invocation>()
  let waiting: ServerResponse | undefined
  let failure: Error | undefined

  function handOut(): void {
    if (waiting === undefined) return
    const next = queued.shift()
    if (next === undefined) return
    next.startedAt = performance.now()
    running.set(next.id, next)
    waiting.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': next.id,
      'lambda-runtime-deadline-ms': String(Date.now() + next.timeout),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:test',
      'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000',
    })
    waiting.end(JSON.stringify(next.event))
    waiting = undefined
  }

  function fail(error: Error): void {
    failure = error
    for (const one of [...queued, ...running.values()]) one.reject(error)
    queued.length = 0
    running.clear()
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').slice(ROOT.length)
    if (path === '/invocation/next') {
      waiting = response
      return handOut()
    }
    const at = performance.now()
    const body = await text(request)
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}')
    if (path === '/init/error') return fail(new Error(`The function did not start: ${body}`))
    const [, , id = '', kind] = path.split('/')
    const invocation = running.get(id)
    running.delete(id)
    invocation?.settle({ status: kind === 'error' ? 'error' : 'response', body: JSON.parse(body), ms: at - invocation.startedAt })
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => fail(error instanceof Error ? error : new Error(String(error))))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    address: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    invoke: (event, timeout) =>
      new Promise((settle, reject) => {
        if (failure !== undefined) return reject(failure)
        queued.push({ id: crypto.randomUUID(), event, timeout, settle, reject, startedAt: 0 })
        handOut()
      }),
    fail,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
