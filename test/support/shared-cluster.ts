import { type LocalCluster, startCluster } from 'fastmiss/testing'

let starting: Promise<LocalCluster> | undefined

/**
 * A cluster of three primaries for all tests of a file, empty each time it is asked for: starting one takes more than two seconds.
 * It ends with the process of the file.
 */
export async function sharedCluster(): Promise<LocalCluster> {
  starting ??= startCluster({ replicas: 0 })
  const cluster = await starting
  await Promise.all(cluster.nodes.map((node) => node.ask(['FLUSHALL'])))
  return cluster
}

/** Sends one command to the node of its key, or to all of them where it names none. @returns its reply; of several nodes all of their lists */
export async function askCluster(cluster: LocalCluster, command: readonly string[]): Promise<unknown> {
  if (!/^(KEYS|DBSIZE|FLUSHALL|CONFIG)$/i.test(command[0] ?? '')) {
    return (await (await cluster.primaryOf(command[1] ?? '')).ask(command))[0]
  }
  const replies = await Promise.all(cluster.nodes.map(async (node) => (await node.ask(command))[0]))
  if (replies.every((reply) => typeof reply === 'number')) return replies.reduce((sum, count) => sum + count, 0)
  return replies.flat()
}
