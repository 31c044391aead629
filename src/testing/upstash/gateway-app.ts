import type { Context, Hono } from 'hono'
import { type Argument, type Backend, isErrorReply, type RedisReply } from './backend.ts'
import { commandFromJson, commandFromUrl, refusal } from './commands.ts'
import { encodeReply, type Encoding } from './encode-reply.ts'
import { encodeResp2 } from './encode-resp2.ts'
import type { HonoModules } from './load-hono.ts'
import { scriptRewriter } from './scripts.ts'
import { monitoring, subscription } from './event-stream.ts'

/** What the gateway's routes work with. */
export interface GatewayParts {
  readonly backend: Backend
  readonly token: string
  readonly readOnlyToken: string | undefined
}

type Access = 'all' | 'read-only'
type Env = { Variables: { access: Access } }

/** Upstash's REST interface as a Hono app. Paths, statuses and error bodies are those of Upstash's documentation. */
export function gatewayApp({ Hono: HonoApp }: Pick<HonoModules, 'Hono'>, { backend, token, readOnlyToken }: GatewayParts): Hono<Env> {
  const app = new HonoApp<Env>()
  const rewrite = scriptRewriter()
  let answers = 0

  app.use(async (c, next) => {
    const access = accessOf(tokenOf(c))
    if (access === undefined) return c.json({ error: 'WRONGPASS invalid or missing auth token' }, 401)
    c.set('access', access)
    const problem = formatProblem(c)
    if (problem !== undefined) return c.json({ error: problem }, 400)
    await next()
    // One backend is always in step with itself: the token only has to be there and to be opaque.
    answers += 1
    c.header('upstash-sync-token', `local=${answers}`)
    return undefined
  })

  app.post('/', async (c) => {
    const command = commandFromJson(await jsonBody(c))
    if (command === undefined) return c.json({ error: 'ERR failed to parse command' }, 400)
    return single(c, command)
  })

  app.post('/pipeline', async (c) => {
    const commands = commandsOf(await jsonBody(c))
    if (commands === undefined) return c.json({ error: 'ERR failed to parse pipeline request' }, 400)
    const replies = await run(commands, c.get('access'))
    return wantsResp2(c) ? resp2(c, replies, 200) : c.json(replies.map((reply) => encodeReply(reply, encodingOf(c))))
  })

  // Always in JSON.
  app.post('/multi-exec', async (c) => {
    const commands = commandsOf(await jsonBody(c))
    if (commands === undefined) return c.json({ error: 'ERR failed to parse multi-exec request' }, 400)
    const refused = commands.map((command) => refusal(command, c.get('access') === 'read-only')).find((error) => error !== undefined)
    const replies = refused ?? (await backend.transaction(commands.map(rewrite)))
    if (replies instanceof Error) return c.json({ error: replies.message }, 400)
    return c.json(replies.map((reply) => encodeReply(reply, encodingOf(c))))
  })

  for (const kind of ['subscribe', 'psubscribe'] as const) {
    app.on(['GET', 'POST'], `/${kind}/:channel`, (c) => subscription(backend, kind, c.req.param('channel')))
  }

  app.on(['GET', 'POST'], '/monitor', async (c) => {
    // It shows every value that anybody reads or writes.
    if (c.get('access') === 'all') return monitoring(backend)
    return c.json({ error: "NOPERM this user has no permissions to run the 'monitor' command" }, 400)
  })

  app.on(['GET', 'POST', 'PUT'], '/*', async (c) => {
    const url = new URL(c.req.url)
    if (url.pathname === '/') return c.json({ error: 'ERR empty command' }, 400)
    return single(c, commandFromUrl(url, Buffer.from(await c.req.arrayBuffer())))
  })

  app.all('*', (c) => c.json({ error: `ERR method ${c.req.method} is not allowed` }, 405))

  app.onError((error, c) => {
    if (isErrorReply(error)) return c.json({ error: error.message }, 400)
    return c.json({ error: 'ERR the Redis behind this gateway does not answer' }, 502)
  })

  function accessOf(given: string | undefined): Access | undefined {
    if (given === token) return 'all'
    return given !== undefined && given === readOnlyToken ? 'read-only' : undefined
  }

  async function single(c: Context<Env>, command: readonly Argument[]): Promise<Response> {
    const [reply = null] = await run([command], c.get('access'))
    const status = reply instanceof Error ? 400 : 200
    return wantsResp2(c) ? resp2(c, reply, status) : c.json(encodeReply(reply, encodingOf(c)), status)
  }

  /** A refused command fails alone; the others keep their order. */
  async function run(commands: readonly (readonly Argument[])[], access: Access): Promise<readonly RedisReply[]> {
    const refused = commands.map((command) => refusal(command, access === 'read-only'))
    const replies = await backend.pipeline(commands.filter((_, index) => refused[index] === undefined).map(rewrite))
    let next = 0
    return refused.map((error) => error ?? replies[next++] ?? null)
  }

  return app
}

function tokenOf(c: Context): string | undefined {
  return /^Bearer +(.+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? c.req.query('_token')
}

/** @returns why the form of the answer that is asked for cannot be given, or undefined */
function formatProblem(c: Context): string | undefined {
  const format = c.req.header('upstash-response-format') ?? 'json'
  if (format !== 'json' && format !== 'resp2') return 'ERR Upstash-Response-Format: expected json or resp2'
  if (format === 'resp2' && encodingOf(c) === 'base64') return 'ERR Upstash-Encoding: base64 is for answers in JSON'
  return undefined
}

function wantsResp2(c: Context): boolean {
  return c.req.header('upstash-response-format') === 'resp2'
}

function resp2(c: Context, reply: RedisReply, status: 200 | 400): Response {
  return c.body(new Uint8Array(encodeResp2(reply)), status, { 'content-type': 'application/octet-stream' })
}

function encodingOf(c: Context): Encoding {
  return c.req.header('upstash-encoding') === 'base64' ? 'base64' : 'text'
}

/** @returns undefined where the body is not JSON */
async function jsonBody(c: Context): Promise<unknown> {
  try {
    return await c.req.json<unknown>()
  } catch {
    return undefined
  }
}

function commandsOf(json: unknown): readonly (readonly Argument[])[] | undefined {
  if (!Array.isArray(json) || json.length === 0) return undefined
  const commands = json.map(commandFromJson)
  return commands.every((command) => command !== undefined) ? commands : undefined
}
