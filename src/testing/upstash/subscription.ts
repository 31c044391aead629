import type { Backend } from './backend.ts'

/**
 * A subscription as server-sent events, in Upstash's lines: `subscribe,channel,1`, then `message,channel,text`; for a pattern
 * `psubscribe,pattern,1`, then `pmessage,pattern,channel,text`. It ends when the client goes away, and
 * when Redis does.
 */
export async function subscription(backend: Backend, kind: 'subscribe' | 'psubscribe', channel: string): Promise<Response> {
  const encoder = new TextEncoder()
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()

  function write(line: string): void {
    // It rejects once the client has gone; `closed` below tells that too.
    writer.write(encoder.encode(`data: ${line.replaceAll('\n', '\ndata: ')}\n\n`)).catch(() => {})
  }
  const end = await backend.listen(kind, channel, {
    message: (text, from) => write(kind === 'subscribe' ? `message,${from},${text}` : `pmessage,${channel},${from},${text}`),
    // It rejects where the client has gone first.
    end: () => void writer.close().catch(() => {}),
  })
  writer.closed.then(end, end)
  write(`${kind},${channel},1`)
  return new Response(readable, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}
