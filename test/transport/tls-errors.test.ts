import { once } from 'node:events'
import { createServer } from 'node:https'
import { createCache } from 'fastmiss'
import { generate } from 'selfsigned'
import { expect, test } from 'vitest'

test('a certificate that is sent without what it was signed with is told as such, over TCP and over HTTP', async () => {
  const authority = await generate([{ name: 'commonName', value: 'authority' }])
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    ca: { cert: authority.cert, key: authority.private },
  })
  const server = createServer({ cert, key })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const host = `localhost:${typeof address === 'object' ? address?.port : ''}`
  const expected = { reason: 'protocol', error: { message: expect.stringMatching(/TLS.*UNABLE_TO_VERIFY_LEAF_SIGNATURE/) as string } }
  expect(await createCache({ url: `rediss://${host}`, timeout: 5_000 }).lookup('key')).toMatchObject(expected)
  expect(await createCache({ url: `https://${host}`, token: 't', timeout: 5_000 }).lookup('key')).toMatchObject(expected)
  server.closeAllConnections()
  server.close()
})

test.each([
  [{ minVersion: 'x' }, 'ERR_TLS_INVALID_PROTOCOL_VERSION'],
  [{ ca: 5 }, 'ERR_INVALID_ARG_TYPE'],
  [{ cert: 'planted' }, 'ERR_OSSL_PEM_NO_START_LINE'],
  [{ ecdhCurve: 'planted' }, '\\w+'],
  [{ checkServerIdentity: 5 }, 'ERR_INVALID_ARG_TYPE'],
])('what Node refuses of %j is told as the option it is, and not as a server that is none', async (tls, code) => {
  for (const url of ['rediss://localhost:1', 'rediss+cluster://localhost:1']) {
    const found = await createCache({ url, tls, timeout: 5_000 }).lookup('key')
    const message = expect.stringMatching(new RegExp(`^tls: Node refuses an option \\(${code}\\)$`)) as string
    expect(found).toMatchObject({ status: 'degraded', reason: 'protocol', phase: 'connect', error: { message } })
    expect(JSON.stringify(found)).not.toContain('planted')
  }
})
