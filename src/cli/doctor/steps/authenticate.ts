import { CacheError, scrub } from '../../../errors.ts'
import { ask } from '../ask.ts'
import { explain } from '../explain.ts'
import { openTransport } from '../open-transport.ts'
import type { Outcome, Step, Visit } from '../step.ts'

/** ms in all: a server that is near, and slow to answer, is a broken one. */
const MOST = 1_700

/** The Redis handshake with user name and password, and the first command behind it: what a cold operation costs. */
export const auth: Step = { name: 'auth', isVital: true, isTimed: true, run: authenticate }

/** The same over REST, where every request carries the token. */
export const token: Step = { name: 'token', isVital: true, isTimed: true, run: authenticate }

async function authenticate(visit: Visit): Promise<Outcome> {
  const { target, patience, onEnd } = visit
  const connection = await openTransport(target, patience.left)
  onEnd(() => connection.close())
  const startedAt = performance.now()
  const greeted = { ...visit, facts: { connection } }
  const first = await ask(greeted, 'PING')
  const ms = performance.now() - startedAt
  // Where a password was refused that nobody asked for, the first reply overtakes the end of the handshake.
  const reply = target.hasCredentials && !(first instanceof CacheError) ? await ask(greeted, 'PING') : first
  if (reply instanceof CacheError) {
    if (reply.code === 'auth' && scrub(reply.cause).code !== 'NOPERM') return { status: 'failed', ms, ...(await explain(reply, target)) }
    // Whatever else went wrong says nothing about them; the same connection tells the next step.
    return { status: 'skipped', finding: target.hasCredentials ? 'no answer to it' : 'none given', facts: { connection, waitedMs: ms } }
  }
  patience.answeredIn(ms, MOST)
  const finding = target.hasCredentials ? 'accepted' : 'none given, and none asked for'
  return { status: 'ok', finding, ms, facts: { connection, coldMs: ms } }
}
