import { startRedis } from '../../testing/start-redis.ts'
import { startUpstash } from '../../testing/start-upstash.ts'
import { loadHono } from '../../testing/upstash/load-hono.ts'
import { CommandFailed } from '../command-failed.ts'
import { USAGE } from '../exit-code.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { announce } from './announce.ts'
import type { DevOptions } from './dev-options.ts'
import { answers } from './answers.ts'
import { onPort } from './on-port.ts'
import { readBehind } from './read-behind.ts'
import { serveCluster } from './serve-cluster.ts'
import { stayUntil } from './stay-until.ts'

/**
 * Serves until it is interrupted. Without the optional packages it serves Redis alone.
 *
 * @throws CommandFailed where an option cannot be used, a port that was asked for is taken, or nothing is left to serve
 */
export async function dev(options: DevOptions, terminal: Terminal): Promise<void> {
  if (options.cluster === true) return serveCluster(options, terminal)
  const { redis, redisPort, port, token, json } = options
  if (redis !== undefined && redisPort !== undefined) {
    throw new CommandFailed('--redis-port: there is none with --redis, which starts no Redis', USAGE)
  }
  const behind = redis === undefined ? undefined : readBehind(redis)
  const usual = { redis: { option: '--redis-port', port: 6_379 }, rest: { option: '--port', port: 8_079 } }

  const needs = await whatRestNeeds()
  if (needs !== undefined && behind !== undefined) throw new CommandFailed(`--redis: ${needs}`)

  await using own = behind === undefined ? await onPort(usual.redis, redisPort, terminal, (at) => startRedis(at)) : undefined
  const url = behind?.url ?? own?.url ?? ''
  await using upstash =
    needs === undefined
      ? await onPort(usual.rest, port, terminal, (at) => startUpstash({ ...at, redis: url, ...(token === undefined ? {} : { token }) }))
      : undefined

  if (terminal.signal.aborted) return
  announce({ own, behind: behind?.shown, upstash, needs }, json === true, terminal)
  if (behind !== undefined && upstash !== undefined && !(await answers(upstash, terminal.signal))) {
    terminal.err.line(
      terminal.err.paint('yellow', `${behind.shown} does not answer now. The REST interface says so until it does: fastmiss doctor may know why.`),
    )
  }
  await stayUntil(terminal.interrupted)
}

/** @returns what the REST interface would need, or undefined where it is there */
async function whatRestNeeds(): Promise<string | undefined> {
  try {
    await loadHono()
    return undefined
  } catch {
    // What cannot be loaded is as good as missing.
    return 'the REST interface needs the packages hono and @hono/node-server beside fastmiss: npm install --save-dev fastmiss hono @hono/node-server'
  }
}
