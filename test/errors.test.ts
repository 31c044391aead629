import { CacheError, createCache, type CacheEvent } from 'fastmiss'
import { expect, test } from 'vitest'
import { scrub } from '../src/errors.ts'
import { freePort } from '../src/testing/free-port.ts'

test('an event written by JSON.stringify says what happened', async () => {
  const lines: string[] = []
  const onEvent = (event: CacheEvent): void => void (event.type === 'degraded' && lines.push(JSON.stringify(event)))
  const cache = createCache({ url: `redis://127.0.0.1:${await freePort()}`, onEvent, timeout: 2_000 })
  await cache.get('k')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    type: 'degraded',
    reason: 'unreachable',
    error: {
      name: 'CacheError',
      code: 'unreachable',
      phase: 'connect',
      message: 'The connection could not be opened or was lost (ECONNREFUSED)',
      cause: { code: 'ECONNREFUSED' },
    },
  })
})

test('as JSON an error holds nothing of a cause that was not scrubbed', () => {
  const cause = Object.assign(new Error('a quoted value'), { name: 'PlantedError', command: 'SET k v' })
  const error = new CacheError('reply', 'Redis answered with an error', { cause })
  expect(JSON.parse(JSON.stringify({ error }))).toEqual({
    error: { name: 'CacheError', code: 'reply', message: 'Redis answered with an error', cause: { name: 'PlantedError' } },
  })
})

test('whatever was thrown, it can be told', () => {
  const hostile = {
    get name(): string {
      throw new Error('planted')
    },
  }
  expect(scrub(hostile)).toEqual({ name: 'Error' })
  expect(scrub(undefined)).toEqual({ name: 'undefined' })
})
