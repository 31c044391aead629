import { callForeign } from '../policy/call-foreign.ts'

type Name = string | symbol
type Listener = (...args: unknown[]) => void

interface Subscription {
  readonly listener: Listener
  readonly isOnce: boolean
}

/**
 * The event emitter that Keyv asks of a store. Unlike Node's, an `error` that nobody listens to is dropped, and a listener that
 * throws or rejects is passed over: Keyv rethrows an error for which it has no listener, and a cache must not fail for that.
 */
export class Emitter {
  readonly #subscriptions: Map<Name, readonly Subscription[]> = new Map()

  on(event: Name, listener: Listener): this {
    return this.#change(event, (others) => [...others, { listener, isOnce: false }])
  }

  addListener(event: Name, listener: Listener): this {
    return this.on(event, listener)
  }

  once(event: Name, listener: Listener): this {
    return this.#change(event, (others) => [...others, { listener, isOnce: true }])
  }

  prependListener(event: Name, listener: Listener): this {
    return this.#change(event, (others) => [{ listener, isOnce: false }, ...others])
  }

  prependOnceListener(event: Name, listener: Listener): this {
    return this.#change(event, (others) => [{ listener, isOnce: true }, ...others])
  }

  off(event: Name, listener: Listener): this {
    // One copy, the last that was added, as Node does.
    return this.#change(event, (all) => {
      const at = all.findLastIndex((one) => one.listener === listener)
      return all.filter((_, index) => index !== at)
    })
  }

  removeListener(event: Name, listener: Listener): this {
    return this.off(event, listener)
  }

  removeAllListeners(event?: Name): this {
    if (event === undefined) this.#subscriptions.clear()
    else this.#subscriptions.delete(event)
    return this
  }

  /** @returns whether anybody listens */
  emit(event: Name, ...args: unknown[]): boolean {
    const called = this.#of(event)
    if (called.some((one) => one.isOnce)) this.#change(event, (all) => all.filter((one) => !one.isOnce))
    // There is no caller to whom the failure of a listener could be told.
    for (const { listener } of called) callForeign(() => listener(...args))
    return called.length > 0
  }

  eventNames(): Name[] {
    return [...this.#subscriptions.keys()]
  }

  listenerCount(event: Name): number {
    return this.#of(event).length
  }

  listeners(event: Name): Listener[] {
    return this.#of(event).map((one) => one.listener)
  }

  rawListeners(event: Name): Listener[] {
    return this.listeners(event)
  }

  #of(event: Name): readonly Subscription[] {
    return this.#subscriptions.get(event) ?? []
  }

  #change(event: Name, to: (all: readonly Subscription[]) => readonly Subscription[]): this {
    const changed = to(this.#of(event))
    if (changed.length === 0) this.#subscriptions.delete(event)
    else this.#subscriptions.set(event, changed)
    return this
  }
}
