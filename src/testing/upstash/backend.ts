import { RedisClient, RESP_TYPES } from '@redis/client'

/** One argument of a command: text, or bytes as they are. */
export type Argument = string | Buffer
/** What Redis said, binary-safe. An `Error` is an error reply. */
export type RedisReply = Buffer | string | number | null | Error | readonly RedisReply[]

/** Who listens to a channel, or to every command. */
interface Listener {
  message(text: string, channel: string): void
  /** No more messages will come. */
  end(): void
}

/** The Redis behind the gateway, over one connection. */
export interface Backend {
  /** Runs commands in one write. @throws BackendError where Redis does not answer within the limit */
  pipeline(commands: readonly (readonly Argument[])[]): Promise<readonly RedisReply[]>
  /** Runs commands as a transaction. @returns its replies, or the error that discarded it. @throws BackendError */
  transaction(commands: readonly (readonly Argument[])[]): Promise<readonly RedisReply[] | Error>
  /** Listens to a channel, or to all that fit a pattern, over a connection of its own. @returns ends it. @throws BackendError */
  listen(kind: 'subscribe' | 'psubscribe', channel: string, listener: Listener): Promise<() => void>
  /** Listens to every command that is carried out, over a connection of its own: a line each. @returns ends it. @throws BackendError */
  monitor(listener: Listener): Promise<() => void>
  close(): void
}

/** Redis cannot be reached, or hangs. */
class BackendError extends Error {
  override readonly name = 'BackendError'
}

/** ms for connecting and answering: a sick Redis is an error within a second. */
const LIMIT = 800

/** One connection. RESP2 is what the gateway writes itself. */
function newClient(url: string) {
  const socket = { connectTimeout: LIMIT, reconnectStrategy: false } as const
  const client = new RedisClient({ url, RESP: 2, maintNotifications: 'disabled', disableClientInfo: true, socket })
  // Whoever waits for an answer keeps the process alive; the gateway does not.
  client.unref()
  return client
}

/** @returns a backend that connects when it is first used, and anew after a failure */
export function createBackend(url: string): Backend {
  let current: ReturnType<typeof dial> | undefined
  const endings = new Set<() => void>()

  function dial() {
    const client = newClient(url)
    const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    const drop = (): void => {
      if (current?.client === client) current = undefined
      if (client.isOpen) client.destroy()
    }
    client.on('error', drop)
    const ready = client.connect()
    // Whoever waits for it is told; a connection that nobody waits for any more must not end the process.
    ready.catch(drop)
    return { client, bytes, ready, drop }
  }

  /** All commands are queued in one turn, so that nothing comes between them. */
  async function run(commands: readonly (readonly Argument[])[]): Promise<readonly RedisReply[]> {
    const used = (current ??= dial())
    return within(exchange(used, commands), used.drop)
  }

  async function exchange({ bytes, ready }: ReturnType<typeof dial>, commands: readonly (readonly Argument[])[]): Promise<readonly RedisReply[]> {
    await ready
    return Promise.all(commands.map((command) => bytes.sendCommand<RedisReply>([...command]).catch(errorReply)))
  }

  async function transaction(commands: readonly (readonly Argument[])[]): Promise<readonly RedisReply[] | Error> {
    const last = (await run([['MULTI'], ...commands, ['EXEC']])).at(-1)
    if (Array.isArray(last)) return last as readonly RedisReply[]
    return last instanceof Error ? last : new Error('EXECABORT Transaction discarded')
  }

  /** @param begin sends what turns the connection into one that listens */
  async function listenOver(begin: (client: ReturnType<typeof newClient>) => Promise<unknown>, onEnd: () => void): Promise<() => void> {
    const client = newClient(url)
    const end = (): void => {
      endings.delete(end)
      if (client.isOpen) client.destroy()
      onEnd()
    }
    endings.add(end)
    client.on('error', end)
    await within(
      client.connect().then(() => begin(client)),
      end,
    )
    return end
  }

  function listen(kind: 'subscribe' | 'psubscribe', channel: string, { message, end }: Listener): Promise<() => void> {
    return listenOver((client) => (kind === 'subscribe' ? client.subscribe(channel, message) : client.pSubscribe(channel, message)), end)
  }

  function close(): void {
    current?.drop()
    for (const end of endings) end()
  }

  return {
    pipeline: run,
    transaction,
    listen,
    monitor: ({ message, end }) => listenOver((client) => client.monitor((line) => message(String(line), '')), end),
    close,
  }
}

/** @param giveUp is called where the answer is late or there is none. @throws BackendError then */
async function within<Answer>(answer: Promise<Answer>, giveUp: () => void): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new BackendError('timeout')), LIMIT)
  })
  try {
    return await Promise.race([late, answer])
  } catch (cause) {
    giveUp()
    // It does answer, and does not know the command, or refuses it.
    if (isErrorReply(cause)) throw cause
    throw new BackendError('Redis does not answer', { cause })
  } finally {
    clearTimeout(timer)
  }
}

function errorReply(error: unknown): Error {
  if (isErrorReply(error)) return error
  throw error
}

/** Redis begins with a code in capitals; anything else is the driver's own word on a connection that failed. */
export function isErrorReply(error: unknown): error is Error {
  return error instanceof Error && !('code' in error) && /^[A-Z][A-Z0-9]+ /.test(error.message)
}
