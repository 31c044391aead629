import type { CacheOperations } from './operations.ts'
import { linger, type Session } from './session.ts'
import type { Loader, ManyLoader, WrapManyOptions, WrapOptions } from './wrap/types.ts'

/**
 * Reading through outside an invocation, where calls of one turn only share a session: each call keeps that of its read for its
 * write, which comes turns later and would open a connection of its own.
 *
 * @param rootSession of this turn
 * @param operationsOn makes the operations of one session
 */
export function createRootReadThrough(
  rootSession: () => Session,
  operationsOn: (session: Session) => CacheOperations,
): Pick<CacheOperations, 'wrap' | 'wrapped' | 'wrapMany'> {
  const made = new WeakMap<Session, CacheOperations>()

  async function keeping<Value>(call: (operations: CacheOperations) => Promise<Value>): Promise<Value> {
    const session = rootSession()
    const end = linger(session)
    const operations = made.get(session) ?? operationsOn(session)
    made.set(session, operations)
    try {
      return await call(operations)
    } finally {
      end()
    }
  }
  return {
    wrap: <Value>(key: string, loader: Loader<Value>, options?: WrapOptions) => keeping((one) => one.wrap<Value>(key, loader, options)),
    wrapped: <Value>(key: string, loader: Loader<Value>, options?: WrapOptions) => keeping((one) => one.wrapped<Value>(key, loader, options)),
    wrapMany: <Value>(keys: readonly string[], loader: ManyLoader<Value>, options?: WrapManyOptions) =>
      keeping((one) => one.wrapMany<Value>(keys, loader, options)),
  }
}
