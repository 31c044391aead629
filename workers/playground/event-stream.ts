import type { ServerResponse } from 'node:http'

/** The pages that listen, over server-sent events. */
export interface EventStream {
  /** Begins to tell a page everything, first what it has missed. */
  join(response: ServerResponse, name: string, data: unknown): void
  send(name: string, data: unknown): void
}

/** @returns a stream that nobody listens to yet */
export function createEventStream(): EventStream {
  const pages = new Set<ServerResponse>()
  return {
    join(response, name, data) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      response.write(toText(name, data))
      pages.add(response)
      response.once('close', () => pages.delete(response))
    },
    send(name, data) {
      const text = toText(name, data)
      for (const page of pages) page.write(text)
    },
  }
}

function toText(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
