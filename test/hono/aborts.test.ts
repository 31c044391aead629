import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { onNode, onWorkerd, type Served } from './support/served.ts'
import { streamingApp } from './support/streaming-app.ts'

async function given(serve: (url: string) => Promise<Served>) {
  const redis = await startRedis()
  const proxy = await faultProxy({ target: redis.url })
  const served = await serve(proxy.url)
  return {
    proxy,
    /** The head of an answer, its body as far as it came, and how it ended. */
    async read(path: string, onPart: (leave: () => void) => unknown = () => {}) {
      const request = get(served.origin + path, { agent: false })
      request.on('error', () => {})
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      const startedAt = performance.now()
      let text = ''
      let lastAt = startedAt
      response.setEncoding('utf8')
      response.on('error', () => {})
      response.on('data', (part: string) => {
        text += part
        lastAt = performance.now()
        onPart(() => request.destroy())
      })
      await new Promise((closed) => response.on('close', closed))
      return {
        text,
        isWhole: response.complete,
        status: String(response.headers['cache-status']),
        lastAt: lastAt - startedAt,
        endedAt: performance.now() - startedAt,
      }
    },
    async [Symbol.asyncDispose]() {
      await served.stop()
      await proxy.stop()
      await redis.stop()
    },
  }
}

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())

describe.each<[name: string, serve: (url: string) => Promise<Served>]>([
  ['workerd', (url) => onWorkerd('streaming-app.ts', url)],
  ['Node', (url) => onNode(streamingApp(), url)],
])('in %s', (name, serve) => {
  test('a body is stored once it is whole, whoever reads it', { timeout: 30_000 }, async () => {
    await using server = await given(serve)
    const first = await server.read('/quick')
    expect(first).toMatchObject({ isWhole: true, text: expect.stringMatching(/^call \d+;part;part;$/) })
    await vi.waitFor(async () => expect((await server.read('/quick')).status).toContain('hit'), { timeout: 5_000 })
    expect((await server.read('/quick')).text).toBe(first.text)
  })
  test(
    'a client that leaves in the middle of a body stops the handler; nothing is stored, and no connection stays',
    { timeout: 30_000 },
    async () => {
      await using server = await given(serve)
      const before = Number((await server.read('/stopped')).text)
      const left = await server.read('/slow', (leave) => leave())
      expect(left.isWhole).toBe(false)
      // workerd ends the whole request with its client, without a word to it.
      if (name === 'Node') await vi.waitFor(async () => expect(Number((await server.read('/stopped')).text)).toBe(before + 1), { timeout: 5_000 })
      const again = await server.read('/slow', (leave) => leave())
      expect(again.status).toContain('fwd=uri-miss')
      expect(again.text.slice(0, 7)).not.toBe(left.text.slice(0, 7))
      await server.proxy.until(({ open }) => open === 0)
    },
  )
  test('a body that breaks off breaks off for the client too, and nothing is stored', { timeout: 30_000 }, async () => {
    await using server = await given(serve)
    const texts = new Set<string>()
    for (const _ of [1, 2]) {
      const broken = await server.read('/breaks')
      expect(broken.status).toContain('fwd=uri-miss')
      texts.add(broken.text)
    }
    expect(texts.size).toBe(2)
  })
  test('a body does not wait for a Redis that went silent after the lookup', { timeout: 30_000 }, async () => {
    await using server = await given(serve)
    let isSilent: Promise<void> | undefined
    // The first part is there, so that the lookup is over.
    const { isWhole, lastAt, endedAt } = await server.read('/slow', () => (isSilent ??= server.proxy.set('silent')))
    expect(isWhole).toBe(true)
    // The last part comes at its own time; without waitUntil the end comes within the timeout of 1 s.
    expect(endedAt - lastAt).toBeLessThan(name === 'workerd' ? 900 : 3_000)
  })
})
