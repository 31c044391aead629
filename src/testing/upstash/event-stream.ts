import type { Backend } from './backend.ts'

/**
 * A subscription as server-sent events, in Upstash's lines: `subscribe,channel,1`, then `message,channel,text`; for a pattern
 * `psubscribe,pattern,1`, then `pmessage,pattern,channel,text`. It ends when the client goes away, and
 * when Redis does.
 */
export function subscription(backend: Backend, kind: 'subscribe' | 'psubscribe', channel: string): Promise<Response> {
  const lineOf = (text: string, from: string): string => (kind === 'subscribe' ? `message,${from},${text}` : `pmessage,${channel},${from},${text}`)
  return stream(`${kind},${channel},1`, (write, end) => backend.listen(kind, channel, { message: (text, from) => write(lineOf(text, from)), end }))
}

/** Every command that Redis carries out, as MONITOR tells it: `"OK"` first, then a line each. It ends as a subscription does. */
export function monitoring(backend: Backend): Promise<Response> {
  return stream('"OK"', (write, end) => backend.monitor({ message: write, end }))
}

type Open = (write: (line: string) => void, end: () => void) => Promise<() => void>

/**
 * @param first the line that tells that it has begun
 * @param open begins to listen. @returns ends it
 */
async function stream(first: string, open: Open): Promise<Response> {
  const encoder = new TextEncoder()
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()

  function write(line: string): void {
    // It rejects once the client has gone; `closed` below tells that too.
    writer.write(encoder.encode(`data: ${line.replaceAll('\n', '\ndata: ')}\n\n`)).catch(() => {})
  }
  // `close` rejects where the client has gone first.
  const end = await open(write, () => void writer.close().catch(() => {}))
  writer.closed.then(end, end)
  write(first)
  return new Response(readable, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
