import { expect, test } from 'vitest'
import type { TagVersion } from '../../src/entry/entry.ts'
import { CacheError } from '../../src/errors.ts'
import { dealVersions } from '../../src/store/tag-versions.ts'

test('each entry gets the versions of its own tags, once each, and why there are none', () => {
  const versionsOf = dealVersions([
    ['a', 'n1'],
    ['b', 'n2'],
  ])
  expect(versionsOf(['b', 'b'])).toEqual([['b', 'n2']])
  expect(versionsOf([])).toEqual([])
  const error = new CacheError('timeout', 'No answer')
  expect(dealVersions(error)(['a'])).toBe(error)
})

test('many entries with a tag each look at each version once, not at all of them for each entry', () => {
  let looks = 0
  const taken = Array.from({ length: 1_000 }, (_, index): TagVersion => {
    const version = [`t${index}`, 'n'] as const
    return new Proxy(version, {
      get(target, name, receiver): unknown {
        if (name === '0') looks += 1
        return Reflect.get(target, name, receiver)
      },
    })
  })
  const versionsOf = dealVersions(taken)
  for (const index of taken.keys()) versionsOf([`t${index}`])
  expect(looks).toBe(1_000)
})
