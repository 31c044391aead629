import type { CacheOperations } from './operations.ts'
import { holdOpen, type Session } from '../session/session.ts'

/**
 * Makes each call outside an invocation keep its session to its end. On edges such calls share a session within one turn only, and a
 * call of several round trips would open a connection for each.
 *
 * @param operations to be replaced in place
 * @param rootSession of this turn
 * @param operationsOn makes the operations of one session
 */
export function keepRootSessions(operations: CacheOperations, rootSession: () => Session, operationsOn: (session: Session) => CacheOperations): void {
  const made = new WeakMap<Session, CacheOperations>()

  async function call(name: keyof CacheOperations, given: readonly unknown[]): Promise<unknown> {
    const session = rootSession()
    const end = holdOpen(session)
    const own = made.get(session) ?? operationsOn(session)
    made.set(session, own)
    try {
      // The same function, on a session of its own: it takes what was given.
      return await (own[name] as (...given: readonly unknown[]) => Promise<unknown>)(...given)
    } finally {
      end()
    }
  }
  // Not these: a page is one operation of its own, and a nested view has operations of its own.
  const { keys, namespace } = operations
  for (const name of Object.keys(operations) as (keyof CacheOperations)[]) {
    Object.assign(operations, { [name]: (...given: readonly unknown[]) => call(name, given) })
  }
  Object.assign(operations, { keys, namespace })
}
