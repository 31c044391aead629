import { MAX_DELAY } from '../../options/checks.ts'
import { startRedis } from '../../testing/start-redis.ts'
import { startUpstash } from '../../testing/start-upstash.ts'
import { CommandFailed } from '../command-failed.ts'
import { USAGE } from '../exit-code.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { announce } from './announce.ts'
import type { DevOptions } from './command.ts'
import { answers } from './answers.ts'
import { onPort } from './on-port.ts'
import { readBehind } from './read-behind.ts'

/**
 * Serves until it is interrupted.
 *
 * @throws CommandFailed where an option cannot be used, or a port that was asked for is taken
 * @throws Error where an optional package is missing, with how to install it
 */
export async function dev({ redis, redisPort, port, token, json }: DevOptions, terminal: Terminal): Promise<void> {
  if (redis !== undefined && redisPort !== undefined) {
    throw new CommandFailed('--redis-port: there is none with --redis, which starts no Redis', USAGE)
  }
  const behind = redis === undefined ? undefined : readBehind(redis)
  const usual = { redis: { option: '--redis-port', port: 6_379 }, rest: { option: '--port', port: 8_079 } }

  await using own = behind === undefined ? await onPort(usual.redis, redisPort, terminal, (at) => startRedis(at)) : undefined
  const url = behind?.url ?? own?.url ?? ''
  await using upstash = await onPort(usual.rest, port, terminal, (at) =>
    startUpstash({ ...at, redis: url, ...(token === undefined ? {} : { token }) }),
  )

  announce({ own, behind: behind?.shown, upstash }, json === true, terminal)
  if (behind !== undefined && !(await answers(upstash, terminal.signal))) {
    terminal.err.line(
      terminal.err.paint('yellow', `${behind.shown} does not answer now. The REST interface says so until it does: fastmiss doctor may know why.`),
    )
  }
  await stayUntil(terminal.interrupted)
}

/** The servers keep no process alive. */
async function stayUntil(interrupted: Promise<void>): Promise<void> {
  const timer = setInterval(() => {}, MAX_DELAY)
  await interrupted
  clearInterval(timer)
}
