import { readableNamespace } from '../options/namespace.ts'
import type { CacheOperations } from './operations.ts'
import type { Listener, Observer } from '../store/observation.ts'

/** `keys` gives an iterator, each page of which is observed, and `namespace` a view, whose own operations are. */
const OBSERVED = [
  'get',
  'lookup',
  'set',
  'getMany',
  'setMany',
  'delete',
  'deleteMany',
  'has',
  'hasMany',
  'wrap',
  'wrapped',
  'wrapMany',
  'take',
  'touch',
  'invalidateTags',
  'expireTags',
  'clear',
  'health',
] as const satisfies readonly (keyof CacheOperations)[]

/**
 * Surrounds each operation with an observer's.
 *
 * @param operations to be replaced in place
 * @param operationsFor makes operations whose events a listener is told of as well
 */
export function observeOperations(
  operations: CacheOperations,
  observer: Observer,
  namespace: string | undefined,
  operationsFor: (listen: Listener, group?: string) => CacheOperations,
): void {
  for (const name of OBSERVED) {
    const plain = operations[name]
    const observed = (...given: readonly unknown[]): Promise<unknown> =>
      observer.operation(
        name,
        given,
        (own, listen, group) => {
          // The same function: it takes what was given.
          const run = (listen === undefined ? plain : operationsFor(listen, group)[name]) as (...given: readonly unknown[]) => Promise<unknown>
          return run(...own)
        },
        namespace === undefined ? undefined : readableNamespace(namespace),
      )
    Object.assign(operations, { [name]: observed })
  }
}
