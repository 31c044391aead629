import { describe, expect, test } from 'vitest'
import { emptyMap, readSlots } from '../../../src/transport/cluster/slot-map.ts'
import { readRedirect } from '../../../src/transport/redirect.ts'

const SLOTS = [
  [0, 8_191, ['10.0.0.1', 7_000, 'id-a', []], ['10.0.0.2', 7_001, 'id-b', []]],
  [8_192, 16_000, ['10.0.0.3', 7_002, 'id-c', []]],
  [16_001, 16_383, ['10.0.0.1', 7_000, 'id-a', []]],
] as const

describe('the map of slots', () => {
  test('names the primary and the replicas of each slot', () => {
    const map = readSlots(SLOTS, 'seed')
    expect(map?.shardOf(0)).toEqual({ primary: '10.0.0.1:7000', replicas: ['10.0.0.2:7001'] })
    expect(map?.shardOf(8_192)).toEqual({ primary: '10.0.0.3:7002', replicas: [] })
    expect(map?.shardOf(16_383)?.primary).toBe('10.0.0.1:7000')
    expect(map?.primaries()).toEqual(['10.0.0.1:7000', '10.0.0.3:7002'])
    expect(map?.nodes()).toEqual(['10.0.0.1:7000', '10.0.0.2:7001', '10.0.0.3:7002'])
    expect(map?.nameOf('id-b')).toBe('10.0.0.2:7001')
  })

  test.each([null, '', '?'])('a node that does not know its address (%j) is at the host that was asked', (host) => {
    expect(readSlots([[0, 16_383, [host, 7_000, 'id']]], 'seed')?.shardOf(5)?.primary).toBe('seed:7000')
  })

  test('a slot that has moved is the other node’s, and the others stay', () => {
    const map = readSlots(SLOTS, 'seed')
    map?.move(100, '10.0.0.9:7009')
    expect([map?.shardOf(99)?.primary, map?.shardOf(100)?.primary]).toEqual(['10.0.0.1:7000', '10.0.0.9:7009'])
    expect(map?.primaries()).toContain('10.0.0.9:7009')
    map?.move(100, '10.0.0.3:7002')
    expect(map?.primaries()).toEqual(['10.0.0.1:7000', '10.0.0.3:7002'])
  })

  test('what is no such reply, or names nobody, is no map; what does not fit in one is left out', () => {
    for (const reply of [
      undefined,
      null,
      'OK',
      [],
      [[0, 1]],
      [['0', 1, ['a', 1]]],
      [[0, 16_384, ['a', 1]]],
      [[0, 5, ['a', 0]]],
      [[0, 5, ['a', '1']]],
    ]) {
      expect(readSlots(reply, 'seed')).toBeUndefined()
    }
    expect(readSlots([7, [0, 5, ['a', 1]], [6, -1, ['b', 1]]], 'seed')?.primaries()).toEqual(['a:1'])
  })

  test('an empty map knows nobody', () => {
    expect([emptyMap().shardOf(3), emptyMap().primaries()]).toEqual([undefined, []])
  })
})

describe('a redirection', () => {
  test('names kind, slot and place', () => {
    expect(readRedirect('MOVED 3999 127.0.0.1:6381')).toEqual({ kind: 'MOVED', slot: 3_999, host: '127.0.0.1', port: 6_381 })
    expect(readRedirect('ASK 0 ::1:6381')).toEqual({ kind: 'ASK', slot: 0, host: '::1', port: 6_381 })
    expect(readRedirect('MOVED 5 :6381')?.host).toBe('')
    expect(readRedirect('MOVED 5 ?:6381')?.host).toBe('')
  })

  test.each(['MOVED', 'MOVED 1', 'MOVED 16384 a:1', 'MOVED 1 a:0', 'MOVED 1 a:65536', 'MOVED x a:1', 'ERR MOVED 1 a:1', 'MOVED 1 a b:1'])(
    '%s is none',
    (message) => expect(readRedirect(message)).toBeUndefined(),
  )
})
