import { startCluster } from '../../testing/start-cluster.ts'
import { CommandFailed } from '../command-failed.ts'
import { USAGE } from '../exit-code.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { DevOptions } from './dev-options.ts'
import { stayUntil } from './stay-until.ts'

/**
 * Serves a cluster of three primaries, each with a replica, until it is interrupted.
 *
 * @throws CommandFailed for an option that means nothing here, and where there is no redis-server
 */
export async function serveCluster({ json, redis, redisPort, port, token }: DevOptions, terminal: Terminal): Promise<void> {
  const given = { '--redis': redis, '--redis-port': redisPort, '--port': port, '--token': token }
  const unheard = Object.entries(given).find(([, value]) => value !== undefined)?.[0]
  if (unheard !== undefined)
    throw new CommandFailed(`${unheard}: means nothing with --cluster, which starts six servers on ports of their own`, USAGE)
  await using cluster = await start()
  if (terminal.signal.aborted) return
  const { out, err } = terminal
  if (json === true) {
    const nodes = cluster.nodes.map(({ url, role }) => ({ url, role }))
    terminal.json({ redis: { url: cluster.url, server: 'redis-server' }, rest: null, nodes, env: { REDIS_URL: cluster.url } })
  } else {
    err.line(`Redis  ${err.paint('bold', cluster.url)}  ${err.paint('dim', '(redis-server, a cluster)')}`)
    for (const { url, role } of cluster.nodes) err.line(`       ${url}  ${err.paint('dim', role)}`)
    err.line('')
    out.line(`REDIS_URL=${cluster.url}`)
    err.line('\nCtrl-C ends it, and what it holds is gone.')
  }
  await stayUntil(terminal.interrupted)
}

async function start(): ReturnType<typeof startCluster> {
  try {
    // A dead shard is to cost its own keys alone.
    return await startCluster({ args: ['--cluster-require-full-coverage', 'no'] })
  } catch (error) {
    throw new CommandFailed(error instanceof Error ? error.message : 'The cluster did not start')
  }
}
