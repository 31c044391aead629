import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { recordBody } from '../../src/hono/response/record-body.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('of a body that turned out too long nothing is held while the rest of it passes', async () => {
  const held: WeakRef<object>[] = []
  /** Remembers what is kept of it. */
  class Chunk extends Uint8Array<ArrayBuffer> {
    override slice(): Uint8Array<ArrayBuffer> {
      const copy = new Uint8Array(this)
      held.push(new WeakRef(copy))
      return copy
    }
  }
  const endless = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Chunk(new ArrayBuffer(4))) }, { highWaterMark: 0 })
  const ends: unknown[] = []
  const recorded = recordBody(new Response(endless), 10, (bytes) => {
    ends.push(bytes)
    return undefined
  })
  const reader = recorded.body?.getReader()
  for (let part = 0; part < 4; part += 1) expect((await reader?.read())?.value).toHaveLength(4)
  expect(ends).toEqual([undefined])
  expect(held).toHaveLength(2)
  // A WeakRef holds on until the end of the turn in which it was made.
  await new Promise(setImmediate)
  collectGarbage()
  expect(held.map((one) => one.deref())).toEqual([undefined, undefined])
  await reader?.cancel()
})
