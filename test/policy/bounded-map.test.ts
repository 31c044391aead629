import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBoundedMap } from '../../src/policy/bounded-map.ts'

test('the least recently used entry goes first, by number and by bytes', () => {
  const map = createBoundedMap<string>(3, 100)
  for (const key of ['a', 'b', 'c']) map.set(key, key, 10)
  expect(map.get('a')).toBe('a')
  map.set('d', 'd', 10)
  expect(map.keys()).toEqual(['c', 'a', 'd'])
  map.set('e', 'e', 85)
  expect(map.keys()).toEqual(['d', 'e'])
  expect(map.bytes).toBe(95)
})

test('what is larger than all there is room for is not kept, takes the older one away, and nothing else', () => {
  const map = createBoundedMap<string>(3, 100)
  map.set('a', 'a', 10)
  map.set('b', 'b', 10)
  expect(map.set('b', 'huge', 101)).toBe(false)
  expect(map.keys()).toEqual(['a'])
  expect(map.bytes).toBe(10)
})

test('each value that goes is told of once, and both bounds hold after every step', () => {
  const step = fc.tuple(fc.constantFrom('set', 'get', 'delete', 'clear'), fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__', '1'), fc.nat(60))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const there = new Map<string, number>()
      let nextValue = 0
      const map = createBoundedMap<number>(4, 100, (key, value) => {
        expect(there.get(key)).toBe(value)
        there.delete(key)
      })
      for (const [action, key, bytes] of steps) {
        if (action === 'set') {
          const value = nextValue++
          if (map.set(key, value, bytes)) there.set(key, value)
        } else if (action === 'get') expect(map.get(key)).toBe(there.get(key))
        else if (action === 'delete') {
          const wasThere = there.has(key)
          expect(map.delete(key)).toBe(wasThere)
        } else {
          map.clear()
          there.clear()
        }
        expect(map.size).toBe(there.size)
        expect(map.size).toBeLessThanOrEqual(4)
        expect(map.bytes).toBeLessThanOrEqual(100)
        expect(map.keys().toSorted()).toEqual([...there.keys()].toSorted())
      }
    }),
  )
})
