import type { LocalRedis } from '../../testing/start-redis.ts'
import type { LocalUpstash } from '../../testing/start-upstash.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** What runs now. */
export interface Running {
  /** The Redis that was started; none with `--redis`. */
  readonly own: LocalRedis | undefined
  /** The Redis of `--redis`, as it may be printed. */
  readonly behind: string | undefined
  /** None where what it needs is not installed. */
  readonly upstash: LocalUpstash | undefined
  /** What it needs, in a sentence. */
  readonly needs: string | undefined
}

/** Says where everything is: variables to standard output, for a .env file, and the words around them to standard error. */
export function announce({ own, behind, upstash, needs }: Running, isJson: boolean, { out, err, json }: Terminal): void {
  const env = { ...(own === undefined ? {} : { REDIS_URL: own.url }), ...upstash?.env }
  if (isJson) {
    const redis = own === undefined ? { url: behind, server: 'existing' } : { url: own.url, server: own.binary }
    if (needs !== undefined) err.line(err.paint('yellow', `Not served: ${needs}`))
    json({ redis, rest: upstash === undefined ? null : { url: upstash.url, token: upstash.token }, env })
    return
  }
  const server = own === undefined ? 'is there already' : own.binary === 'embedded' ? 'embedded: there is no redis-server on PATH' : own.binary
  err.line(`Redis  ${err.paint('bold', own?.url ?? behind ?? '')}  ${err.paint('dim', `(${server})`)}`)
  if (upstash === undefined) err.line(`REST   ${err.paint('yellow', `not served: ${needs ?? ''}`)}\n`)
  else err.line(`REST   ${err.paint('bold', upstash.url)}  ${err.paint('dim', "(Upstash's interface)")}\n`)
  err.line(instruction(out.isTerminal, upstash !== undefined))
  if (own !== undefined) out.line(`# over TCP\nREDIS_URL=${own.url}`)
  if (upstash !== undefined) out.line("# over Upstash's REST")
  for (const [name, value] of Object.entries(upstash?.env ?? {})) out.line(`${name}=${value}`)
  err.line(`\nCtrl-C ends it${own === undefined ? '' : ', and what it holds is gone'}.`)
}

function instruction(isTerminal: boolean, hasRest: boolean): string {
  if (!isTerminal) return hasRest ? 'The variables of both wires went to standard output.' : 'The variable went to standard output.'
  return hasRest ? 'Paste the variables of one wire, or the other:\n' : 'Paste the variable:\n'
}
