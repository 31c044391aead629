import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type LocalCluster, startCluster } from 'fastmiss/testing'
import type { FailoverOrder, FailoverReport } from './child.ts'
import { CLUSTER_CLIENTS, type ClusterClient } from './clients.ts'
import type { FailoverResults, FailoverRun, Read } from './results.ts'

/** ms between two reads of the same kind. */
const PACE = 40
/** ms of health before the kill, and of looking on after it. */
const HEALTHY = 800
const WINDOW = 6_000
/** ms: what is asked for so late cannot be told from what never comes. */
const LATE = 500
const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))
const PACKAGES = ['fastmiss', 'ioredis', 'redis'] as const

/** One primary of three is killed; its replica takes over by itself. Each library in a fresh process, before a fresh cluster. */
export async function measureFailover(onRun: (client: ClusterClient) => void): Promise<FailoverResults> {
  const runs: FailoverRun[] = []
  let redis = ''
  for (const [index, client] of CLUSTER_CLIENTS.entries()) {
    onRun(client)
    // As clusters of caches are run: a dead shard is to cost its own keys alone.
    await using cluster = await startCluster({
      nodeTimeout: 1_000,
      args: ['--cluster-require-full-coverage', 'no', '--cluster-allow-reads-when-down', 'yes'],
    })
    redis ||= /redis_version:(\S+)/.exec(String(await cluster.nodes[0]?.ask(['INFO', 'server'])))?.[1] ?? 'unknown'
    runs.push({ library: client.library, settings: client.settings, ...(await watch(cluster, index)) })
  }
  const versions = await Promise.all(
    PACKAGES.map(async (name) => {
      const manifest = await readFile(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')
      return [name, (JSON.parse(manifest) as { version: string }).version] as const
    }),
  )
  const about = { date: new Date().toISOString(), node: process.version, redis, cpus: cpus().length, pace: PACE, windowMs: WINDOW }
  return { ...about, versions: Object.fromEntries(versions), runs }
}

async function watch(cluster: LocalCluster, client: number): Promise<Pick<FailoverRun, 'takeoverAt' | 'live' | 'dead'>> {
  const { live, dead } = await keysOf(cluster)
  const seeds = cluster.nodes.filter(({ role }) => role === 'primary').map(({ host, port }) => ({ host, port }))
  const order: FailoverOrder = { client, seeds, live, dead, pace: PACE }
  const child = spawn(process.execPath, [CHILD, JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const reads = new Map<number, { readonly kind: 'live' | 'dead'; readonly at: number; ms?: number; came?: Read[2] }>()
  const warm = new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('The process of a library ended before it was warm')))
    child.on('message', (message) => {
      const report = message as FailoverReport
      if (report.type === 'warm') resolve()
      if (report.type === 'asked') reads.set(report.id, { kind: report.kind, at: report.at })
      if (report.type === 'came') Object.assign(reads.get(report.id) ?? {}, { ms: report.ms, came: report.came })
    })
  })
  try {
    await warm
    await sleep(HEALTHY)
    const primary = await cluster.primaryOf(dead[0] ?? '')
    const killedAt = Date.now()
    await primary.kill()
    const untilAt = killedAt + WINDOW
    let takeoverAt = WINDOW
    while (Date.now() < untilAt) {
      await sleep(20)
      if (takeoverAt === WINDOW && (await cluster.primaryOf(dead[0] ?? '')) !== primary) takeoverAt = Date.now() - killedAt
    }
    const endedAt = Date.now()
    const ofKind = (kind: 'live' | 'dead'): Read[] =>
      [...reads.values()]
        .filter((one) => one.kind === kind && one.at <= killedAt + WINDOW - LATE)
        .map(({ at, ms, came }): Read => [at - killedAt, Math.round((ms ?? endedAt - at) * 10) / 10, came ?? 'never'])
    return { takeoverAt, live: ofKind('live'), dead: ofKind('dead') }
  } finally {
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}

/** Stored keys of the node that will be killed, and of the others; replicated before anybody reads them. */
async function keysOf(cluster: LocalCluster): Promise<{ readonly live: readonly string[]; readonly dead: readonly string[] }> {
  const [live, dead]: [string[], string[]] = [[], []]
  const [killed] = cluster.nodes
  for (let at = 0; live.length < 16 || dead.length < 8; at += 1) {
    const key = `app::key${at}`
    const primary = await cluster.primaryOf(key)
    const [group, most] = primary === killed ? [dead, 8] : [live, 16]
    if (group.length === most) continue
    group.push(key)
    await primary.ask(['SET', key, '{"value":"stored before"}'])
  }
  await Promise.all(cluster.nodes.filter(({ role }) => role === 'primary').map((node) => node.ask(['WAIT', '1', '5000'])))
  return { live, dead }
}
