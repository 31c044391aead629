import { expect, test } from 'vitest'
import { answerFrom } from '../../src/http/answer.ts'
import { givenStored, NOW } from './given.ts'

const none = new Headers()

test('a field that is called like a member of every object is a field like any other', () => {
  const headers = [
    ['constructor', 'a'],
    ['hasownproperty', 'c'],
  ] as const
  const answer = answerFrom(givenStored({}, { headers }), 'GET', none, NOW)
  expect([...new Headers(answer.headers)]).toEqual([
    ['age', '0'],
    ['constructor', 'a'],
    ['hasownproperty', 'c'],
  ])
})
test('fields of one name are joined in their order', () => {
  const answer = answerFrom(
    givenStored(
      {},
      {
        headers: [
          ['link', 'a'],
          ['link', 'b'],
        ],
      },
    ),
    'GET',
    none,
    NOW,
  )
  expect(answer.headers['link']).toBe('a, b')
})
test('HEAD says how long the body would be, and nothing of a body that there cannot be (RFC 9110 §8.6)', () => {
  expect(answerFrom(givenStored(), 'HEAD', none, NOW).headers['content-length']).toBe('5')
  expect(answerFrom(givenStored({}, { status: 204, body: '' }), 'HEAD', none, NOW).headers['content-length']).toBeUndefined()
})
test('Age counts on from what was said, and never runs over (RFC 9111 §1.2.2)', () => {
  const age = (initialAge: number, now: number): string | undefined => answerFrom(givenStored({}, { initialAge }), 'GET', none, now).headers['age']
  expect(age(7_000, NOW + 5_900)).toBe('12')
  expect(age(0, NOW - 60_000)).toBe('0')
  expect(age(2 ** 31 * 1000, NOW + 60_000)).toBe('2147483648')
})
test('a range that lies outside says how long the whole is, and describes no body', () => {
  const stored = givenStored({ 'content-type': 'text/plain', 'content-length': '5', etag: '"a"' })
  const answer = answerFrom(stored, 'GET', new Headers({ range: 'bytes=5-' }), NOW)
  expect(answer).toMatchObject({ status: 416, body: null })
  expect({ ...answer.headers }).toMatchObject({ 'content-range': 'bytes */5', etag: '"a"' })
  expect(Object.keys(answer.headers)).not.toContain('content-length')
  expect(Object.keys(answer.headers)).not.toContain('content-type')
})
test('text is sent as text where it has a type, and as bytes of a stated length beside fields beyond ASCII', () => {
  const bytes = new TextEncoder().encode('hello')
  expect(answerFrom(givenStored({ 'content-type': 'text/plain' }), 'GET', none, NOW).body).toBe('hello')
  expect(answerFrom(givenStored(), 'GET', none, NOW).body).toEqual(bytes)
  const answer = answerFrom(givenStored({ 'content-type': 'text/plain', 'x-name': '\xfc' }), 'GET', none, NOW)
  expect(answer.body).toEqual(bytes)
  expect(answer.headers).toMatchObject({ 'x-name': '\xfc', 'content-length': '5' })
})
