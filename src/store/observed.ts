import { readableNamespace } from '../options/namespace.ts'
import type { StoreContext } from './context.ts'
import type { Listener } from './observation.ts'
import { traitsOf } from './report.ts'

/** The same context, whose events a listener of its own is told of as well. */
export function withListener<Context extends StoreContext>(context: Context, listen: Listener, group?: string): Context {
  const { options, transportName, observation } = context
  return { ...context, report: observation.reporterOf(traitsOf(transportName, options.namespace, group), listen) }
}

/**
 * Surrounds with the observer what is no method of a cache: a page of `keys`, what a Keyv store or the response cache asks for.
 *
 * @param name of the operation
 * @param given what it is about: a key, or a list; empty where no key of the caller's is known
 * @param run does it, in the context that it is given
 */
export function observed<Context extends StoreContext, Outcome>(
  context: Context,
  name: string,
  given: readonly unknown[],
  run: (context: Context) => Promise<Outcome>,
): Promise<Outcome> {
  const { observation, options } = context
  const { observer } = observation
  if (observer === undefined) return run(context)
  const namespace = options.namespace === undefined ? undefined : readableNamespace(options.namespace)
  const running = observer.operation(
    name,
    given,
    (_, listen, group) => run(listen === undefined ? context : withListener(context, listen, group)),
    namespace,
  )
  // An observer gives back what `run` came to.
  return running as Promise<Outcome>
}
