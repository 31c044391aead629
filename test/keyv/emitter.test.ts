import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Emitter } from '../../src/keyv/emitter.ts'

const METHODS = ['on', 'once', 'prependListener', 'prependOnceListener', 'off', 'emit'] as const

/** What the listeners heard, in order. */
function heard(emitter: Emitter | EventEmitter, steps: readonly (readonly [method: (typeof METHODS)[number], listener: number])[]) {
  const log: string[] = []
  const listeners = [0, 1, 2].map((index) => (what: unknown) => void log.push(`${index}: ${String(what)}`))
  for (const [step, [method, index]] of steps.entries()) {
    const listener = listeners[index]
    if (method === 'emit') log.push(String(emitter.emit('news', step)))
    else if (listener !== undefined) emitter[method]('news', listener as () => void)
    log.push(String(emitter.listenerCount('news')))
  }
  return log
}

test("a store's listeners come, go and are called as those of Node's EventEmitter", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom(...METHODS), fc.nat({ max: 2 })), { maxLength: 30 })
  fc.assert(
    fc.property(steps, (given) => {
      expect(heard(new Emitter(), given)).toEqual(heard(new EventEmitter(), given))
    }),
  )
})
