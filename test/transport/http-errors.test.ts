import { createServer } from 'node:http'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { CacheError } from '../../src/errors.ts'
import { http } from '../../src/transport/http/http.ts'

/** What becomes of the error that a server answers one command with. */
async function errorFor(message: string, status = 200): Promise<CacheError> {
  const server = createServer((_, response) => response.writeHead(status).end(JSON.stringify([{ error: message }])))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const [reply] = await http({ url: `http://127.0.0.1:${port}`, token: 't' })
    .open()
    .send([['GET', 'key']], Date.now() + 1_000)
  server.closeAllConnections()
  server.close()
  if (!(reply instanceof CacheError)) throw new TypeError('expected an error')
  return reply
}

test.each([
  ['ERR wrong number of arguments, command was: ["SET","planted"]', { code: 'reply', isFatal: false, isOutage: false }],
  ['WRONGTYPE planted', { code: 'reply', isFatal: false, isOutage: false }],
  ['planted without a code', { code: 'reply', isFatal: false, isOutage: false }],
  ["NOPERM this user has no permissions to run the 'planted' command", { code: 'auth', isFatal: false, isOutage: false }],
  ['WRONGPASS planted', { code: 'auth', isFatal: true, isOutage: true }],
  ['LOADING planted is loading the dataset in memory', { code: 'reply', isFatal: true, isOutage: true }],
  ['ERR max number of clients reached', { code: 'reply', isFatal: true, isOutage: true }],
  ['ERR max request size exceeded. planted', { code: 'oversize', isFatal: false, isOutage: false }],
  ['ERR max key size exceeded. Limit: 32768 bytes, planted', { code: 'oversize', isFatal: false, isOutage: false }],
])('the error of one command is told by its code alone: %s', async (message, expected) => {
  const error = await errorFor(message)

  expect(error).toMatchObject(expected)
  expect(JSON.stringify([error.message, error.stack?.split('\n')[0], error.cause])).not.toContain('planted')
})

test.each([
  [400, { code: 'reply', isFatal: true, isOutage: false }],
  [404, { code: 'reply', isFatal: true, isOutage: false }],
  [413, { code: 'oversize', isFatal: false, isOutage: false }],
  [403, { code: 'auth', isFatal: true, isOutage: true }],
  [503, { code: 'reply', isFatal: true, isOutage: true }],
])('HTTP %i is told by its number alone', async (status, expected) => {
  const error = await errorFor('planted', status)

  expect(error).toMatchObject({ ...expected, cause: { status } })
  expect(JSON.stringify([error.message, error.cause])).not.toContain('planted')
})
