import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What pages are made from: numbers that go up with each question. */
export interface Source extends AsyncDisposable {
  readonly url: string
  /** How often a name was asked for. */
  count(name: string): number
}

export async function startSource(): Promise<Source> {
  const counts = new Map<string, number>()
  const server: Server = createServer(({ url = '' }, response) => {
    const name = url.slice(1)
    counts.set(name, (counts.get(name) ?? 0) + 1)
    response.end(String(counts.get(name)))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: (name) => counts.get(name) ?? 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}
