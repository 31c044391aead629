import { describe, expect, test } from 'vitest'
import { parseNodesUrl, splitAddress } from '../../src/options/nodes-url.ts'
import { isNodesScheme } from '../../src/options/url.ts'

describe('the URL of a cluster', () => {
  test('names one seed or many, with credentials for all of them', () => {
    expect(parseNodesUrl('rediss+cluster://us%40er:p%2Cw@clustercfg.example.com:6379')).toEqual({
      kind: 'cluster',
      isTls: true,
      seeds: [{ host: 'clustercfg.example.com', port: 6_379 }],
      credentials: { username: 'us@er', password: 'p,w' },
      name: '',
      database: 0,
    })
    expect(parseNodesUrl('redis+cluster://h1,[::1]:7001,10.0.0.1:7002/').seeds).toEqual([
      { host: 'h1', port: 6_379 },
      { host: '::1', port: 7_001 },
      { host: '10.0.0.1', port: 7_002 },
    ])
    expect(parseNodesUrl('redis-cluster://:secret@h1:1').credentials).toEqual({ password: 'secret' })
    expect(parseNodesUrl('redis+cluster://user@h1:1/0').credentials).toEqual({ username: 'user' })
  })

  test.each([
    ['redis+cluster://h1:1/1', /database 0 alone/],
    ['redis+cluster://h1:1?cluster=true', /unknown parameter 'cluster'/],
    ['redis+cluster://:pa?s3cret@h1:1', /no parameter/],
    ['redis+cluster://', /each host/],
    ['redis+cluster://h1:1,', /each host/],
    ['redis+cluster://h1:99999', /each host/],
    ['redis+cluster://h 1:1', /each host/],
    ['redis+cluster://:s3cret%zz@h1:1', /percent-encoding/],
    ['redis+cluster://:pa/s3cret@h1:1', /cannot be parsed|each host/],
    ['redis+clusters://h1:1', /cannot be parsed/],
  ])('%s is refused, and never quoted', (url, message) => {
    expect(() => parseNodesUrl(url)).toThrow(message)
    expect(() => parseNodesUrl(url)).not.toThrow(/s3cret/)
  })
})

describe('the URL of sentinels', () => {
  test('names them, the primary and its database', () => {
    expect(parseNodesUrl('redis+sentinel://user:pw@s1,s2:26380/my%20master/3')).toEqual({
      kind: 'sentinel',
      isTls: false,
      seeds: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 26_380 },
      ],
      credentials: { username: 'user', password: 'pw' },
      name: 'my master',
      database: 3,
    })
    expect(parseNodesUrl('rediss-sentinel://s1/mymaster')).toMatchObject({ kind: 'sentinel', isTls: true, database: 0 })
  })

  test.each([
    ['redis+sentinel://s1', /names no primary/],
    ['redis+sentinel://s1/', /names no primary/],
    ['redis+sentinel://s1/name/x', /primary and the database/],
    ['redis+sentinel://s1/name/0/1', /primary and the database/],
  ])('%s is refused', (url, message) => expect(() => parseNodesUrl(url)).toThrow(message))
})

test('the schemes of many nodes are known in both spellings', () => {
  expect(['redis+cluster:', 'rediss+cluster:', 'redis-cluster:', 'redis+sentinel:', 'rediss-sentinel:'].every(isNodesScheme)).toBe(true)
  expect(['redis:', 'rediss:', 'unix:', 'https:', 'memory:', 'cluster:'].some(isNodesScheme)).toBe(false)
})

test('an address is a host and a port', () => {
  expect(splitAddress('::1:7000')).toEqual({ host: '::1', port: 7_000 })
  expect(splitAddress('[::1]:7000')).toEqual({ host: '::1', port: 7_000 })
  expect(splitAddress('a.b:1')).toEqual({ host: 'a.b', port: 1 })
  expect(['a', 'a:', 'a:0', 'a:65536', 'a b:1', 'u@a:1'].map(splitAddress)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
