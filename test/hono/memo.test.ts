import { expect, test } from 'vitest'
import { createMemo } from '../../src/hono/response/memo.ts'
import { createCache } from '../../src/index.ts'
import { internalsOf } from '../../src/facade/internals.ts'

test('a URL is taken apart and hashed once, but for one so long that many of them would fill the memory', async () => {
  const memo = createMemo(undefined)
  const inside = internalsOf(createCache({ url: 'memory:' }))
  for (const [length, isRemembered] of [
    [100, true],
    [16_000, false],
  ] as const) {
    const url = `http://a.test/${'x'.repeat(length)}`
    expect(memo.resource(inside, url) === memo.resource(inside, url)).toBe(isRemembered)
    const hash = await memo.hash(url)
    expect(typeof memo.hash(url) === 'string').toBe(isRemembered)
    expect(await memo.hash(url)).toBe(hash)
  }
})

test("what a key says, and where something lies, is each namespace's own", () => {
  const memo = createMemo(undefined)
  const [a, b] = ['a', 'b'].map((namespace) => internalsOf(createCache({ url: 'memory:', namespace })))
  if (a === undefined || b === undefined) throw new Error('two caches')

  expect(memo.places(a, 'id').base).toContain('a:')
  expect(memo.places(b, 'id').base).toContain('b:')
  expect(memo.places(a, 'id').base).not.toBe(memo.places(b, 'id').base)
  for (const _ of [1, 2]) {
    expect(memo.resource(a, 'http://h/')?.text).toContain('"a::"')
    expect(memo.resource(b, 'http://h/')?.text).toContain('"b::"')
  }
})
