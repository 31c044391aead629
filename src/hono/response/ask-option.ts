import type { Context } from 'hono'
import { describe } from '../../options/checks.ts'
import { ignoreRejection } from '../../policy/ignore-rejection.ts'
import type { StoreContext } from '../../store/context.ts'
import type { ResolvedOptions } from './resolve-options.ts'

/** The functions among the options that say something of a request or of its response. */
type Asked = 'skip' | 'key' | 'tags'

/** Stands for what a function should have said: nobody can tell, so that nothing is looked up or stored. */
export const FAILED: unique symbol = Symbol('failed')

/**
 * What `skip` says. Whatever is true in a condition is a yes: JavaScript has no types, and to store what should have been skipped is the
 * worse mistake. As the other two, it never throws: without the cache the request would have been answered.
 */
export function askSkip(options: ResolvedOptions, context: StoreContext, c: Context): boolean | typeof FAILED {
  return ask('skip', options.skip, context, c, (given) => (isPromise(given) ? FAILED : Boolean(given)))
}

/** What `key` says; undefined: path and query. */
export function askKey(options: ResolvedOptions, context: StoreContext, c: Context): string | undefined | typeof FAILED {
  return ask('key', options.key, context, c, (given) => (typeof given === 'string' || given === undefined ? given : FAILED))
}

/** What `tags` says. */
export function askTags(options: ResolvedOptions, context: StoreContext, c: Context): readonly string[] | typeof FAILED {
  return ask('tags', options.tags, context, c, (given = []) => (Array.isArray(given) && given.every(isText) ? given : FAILED)) ?? []
}

function ask<Answer>(
  option: Asked,
  asked: ((c: Context) => unknown) | undefined,
  { observation }: StoreContext,
  c: Context,
  read: (given: unknown) => Answer | typeof FAILED,
): Answer | typeof FAILED {
  if (asked === undefined) return read(undefined)
  try {
    const given = asked(c)
    const answer = read(given)
    if (answer !== FAILED) return answer
    // An `async` function may reject.
    ignoreRejection(given)
    throw new TypeError(`${option}: gave ${isPromise(given) ? 'a promise; it must not be async' : describe(given)}`)
  } catch (error) {
    observation.emit?.({ type: 'option-failed', option, error })
    return FAILED
  }
}

function isPromise(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'then' in given
}

function isText(tag: unknown): tag is string {
  return typeof tag === 'string'
}
