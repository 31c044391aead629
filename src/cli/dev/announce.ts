import type { LocalRedis } from '../../testing/start-redis.ts'
import type { LocalUpstash } from '../../testing/start-upstash.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** What runs now. */
export interface Running {
  /** The Redis that was started; none with `--redis`. */
  readonly own: LocalRedis | undefined
  /** The Redis of `--redis`, as it may be printed. */
  readonly behind: string | undefined
  readonly upstash: LocalUpstash
}

/** Says where everything is: variables to standard output, for a .env file, and the words around them to standard error. */
export function announce({ own, behind, upstash }: Running, isJson: boolean, { out, err, json }: Terminal): void {
  const env = { ...(own === undefined ? {} : { REDIS_URL: own.url }), ...upstash.env }
  if (isJson) {
    const redis = own === undefined ? { url: behind, server: 'existing' } : { url: own.url, server: own.binary }
    json({ redis, rest: { url: upstash.url, token: upstash.token }, env })
    return
  }
  const server = own === undefined ? 'is there already' : own.binary === 'embedded' ? 'embedded: there is no redis-server on PATH' : own.binary
  err.line(`Redis  ${err.paint('bold', own?.url ?? behind ?? '')}  ${err.paint('dim', `(${server})`)}`)
  err.line(`REST   ${err.paint('bold', upstash.url)}  ${err.paint('dim', "(Upstash's interface)")}\n`)
  err.line(out.isTerminal ? 'Paste the variables of one wire, or the other:\n' : 'The variables of both wires went to standard output.')
  if (own !== undefined) out.line(`# over TCP\nREDIS_URL=${own.url}`)
  out.line("# over Upstash's REST")
  for (const [name, value] of Object.entries(upstash.env)) out.line(`${name}=${value}`)
  err.line(`\nCtrl-C ends it${own === undefined ? '' : ', and what it holds is gone'}.`)
}
