/** A server of this runtime's own on a free port of the loopback. */
export interface Served {
  readonly origin: string
  stop(): Promise<unknown>
}

type Handler = (request: Request) => Response | Promise<Response>

/** What is used of the two runtimes that bring a server; neither has types here. */
interface Globals {
  readonly Bun?: { serve(options: { port: number; hostname: string; fetch: Handler }): { port: number; stop(closes: boolean): Promise<void> } }
  readonly Deno?: {
    serve(options: { port: number; hostname: string; onListen: () => void }, handler: Handler): { addr: { port: number }; shutdown(): Promise<void> }
  }
}

export async function serveHere(handler: Handler): Promise<Served> {
  const { Bun, Deno } = globalThis as Globals
  const hostname = '127.0.0.1'
  if (Bun !== undefined) {
    const server = Bun.serve({ port: 0, hostname, fetch: handler })
    return { origin: `http://${hostname}:${server.port}`, stop: () => server.stop(true) }
  }
  if (Deno !== undefined) {
    const server = Deno.serve({ port: 0, hostname, onListen: () => {} }, handler)
    return { origin: `http://${hostname}:${server.addr.port}`, stop: () => server.shutdown() }
  }
  const { serve } = await import('@hono/node-server')
  return new Promise((resolve) => {
    const server = serve({ port: 0, hostname, fetch: handler }, ({ port }) =>
      resolve({ origin: `http://${hostname}:${port}`, stop: () => new Promise((stopped) => server.close(stopped)) }),
    )
  })
}
