import type { RedisConnection } from '../session/redis-connection.ts'
import { closeSession, createSession, isIdle, isOpen, type Session, type SessionOptions } from '../session/session.ts'
import type { Runtime } from './runtime.ts'

/** The session that calls outside an invocation share. */
export interface RootSession {
  /** The open one, or a new one. */
  readonly session: () => Session
  /** Closes the open one, if there is one. */
  readonly close: () => Promise<void>
}

/** What a root session is made of. */
export interface RootSessionOptions {
  readonly runtime: Pick<Runtime, 'sharesRoot' | 'afterwards'>
  readonly sessionOptions: SessionOptions
  /** Makes a connection, which is not open yet. */
  readonly open: () => RedisConnection
  /** The connection that is kept between invocations, where one is. */
  readonly kept: RedisConnection | undefined
}

/** It ends when the last of its calls has settled; on edges, a new turn begins a new one. */
export function createRootSession({ runtime, sessionOptions, open, kept }: RootSessionOptions): RootSession {
  const { sharesRoot, afterwards } = runtime
  let root: Session | undefined

  function session(): Session {
    if (root !== undefined && isOpen(root)) return root
    let isScheduled = false
    const connection = kept ?? open()
    const made = createSession(sessionOptions, connection, undefined, () => {
      if (isScheduled) return
      // It holds no socket, so the next call may use it too.
      if (isOpen(made) && sharesRoot === 'while-busy' && (connection === kept || !connection.holdsSocket())) return
      isScheduled = true
      // Not at once: a caller that awaits one call after another makes the next call within this turn, and shall find it open.
      const end = (): void => {
        isScheduled = false
        if (!isIdle(made)) return
        if (root === made) root = undefined
        void closeSession(made)
      }
      if (isOpen(made) && sharesRoot === 'while-busy') afterwards(end)
      else end()
    })
    root = made
    // The next turn may belong to another request. Workers forbid it to use this session's connection.
    if (sharesRoot === 'turn') {
      afterwards(() => {
        if (root === made) root = undefined
      })
    }
    return made
  }

  async function close(): Promise<void> {
    const open = root
    root = undefined
    if (open !== undefined) await closeSession(open)
  }

  return { session, close }
}
