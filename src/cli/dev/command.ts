import { Command, InvalidArgumentError } from 'commander'
import { parsePort } from '../port.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { DevOptions } from './dev-options.ts'

const OUTPUT = `
Standard output is what a .env file takes, or one line of JSON; the rest goes to standard error.
Redis is the redis-server on PATH, without persistence; where there is none, an embedded one that knows what a cache uses.
The REST interface needs the packages hono and @hono/node-server; without them Redis is served alone, and JSON has null for rest.`

/** `fastmiss dev` */
export function devCommand(terminal: Terminal): Command {
  return new Command('dev')
    .description("serve Redis, and Upstash's REST interface before it, on loopback until Ctrl-C")
    .option('--port <number>', 'port of the REST interface, 0 for any (default: 8079, or any where that is taken)', parsePort)
    .option('--redis-port <number>', 'port of Redis, 0 for any (default: 6379, or any where that is taken)', parsePort)
    .option('--token <token>', 'token of the REST interface (default: a random one)', parseToken)
    .option('--redis <url>', 'start no Redis: serve REST before this one')
    .option('--cluster', 'serve a cluster of three primaries and three replicas instead')
    .option('--json', 'print one line of JSON')
    .addHelpText('after', OUTPUT)
    .action(async (options: DevOptions) => {
      // The servers: for this command only.
      const { dev } = await import('./dev.ts')
      await dev(options, terminal)
    })
}

function parseToken(text: string): string {
  // RFC 6750 section 2.1: what a bearer token is made of. A .env file and a shell read it as it is, too.
  if (!/^[\w.~+/-]+=*$/.test(text))
    throw new InvalidArgumentError('Expected letters, digits and - . _ ~ + /: it stands in a header and in a .env file.')
  return text
}
