import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { startCluster, startSentinel } from '../../src/testing/index.ts'
import { rawRedis } from './support/raw-redis.ts'

/** A primary waits for two seconds before it takes writes, and a failover takes as long. */
vi.setConfig({ testTimeout: 60_000 })

describe('startCluster', () => {
  test('serves all slots, follows a failover, loses a node and gets it back, and leaves nothing', async () => {
    const cluster = await startCluster({ password: 's3 cret' })
    expect(cluster.url).toMatch(/^redis\+cluster:\/\/:s3%20cret@127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+){2}$/)
    expect(cluster.nodes.map(({ role }) => role)).toEqual(['primary', 'primary', 'primary', 'replica', 'replica', 'replica'])
    expect(cluster.nodes.every(({ port }) => port < 32_768)).toBe(true)
    const before = await cluster.primaryOf('key')
    expect(await before.ask(['SET', 'key', '1'], ['GET', 'key'])).toEqual(['OK', '1'])
    expect(await before.ask(['CLUSTER', 'MYID'])).toEqual([before.id])
    const after = await cluster.failover('key')
    expect(after).not.toBe(before)
    expect(await cluster.primaryOf('key')).toBe(after)
    await after.kill()
    expect(await cluster.failover('key', 'takeover')).toBe(before)
    await after.restart()
    await cluster.untilUp()
    await expect.poll(async () => (await cluster.replicasOf('key')).includes(after)).toBe(true)
    await Promise.all([cluster.stop(), cluster.stop()])
    await expect(rawRedis(before.port)).rejects.toThrow('ECONNREFUSED')
  })

  test('a node that was paused keeps its connections, answers none, and ends with the others', async () => {
    const cluster = await startCluster({ replicas: 0 })
    const node = await cluster.primaryOf('key')
    using raw = await rawRedis(node.port)
    node.pause()
    const answer = raw.ask(['PING'])
    expect(await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'silence'))])).toBe('silence')
    node.resume()
    expect(await answer).toBe('+PONG\r\n')
    node.pause()
    await cluster.stop()
    await expect(rawRedis(node.port)).rejects.toThrow('ECONNREFUSED')
  })

  test('what a node cannot do is said at once, and leaves the cluster as it was', async () => {
    const cluster = await startCluster({ primaries: 1, replicas: 0 })
    const [node] = cluster.nodes
    if (node === undefined) throw new Error('There is a node')
    await expect(node.restart()).rejects.toThrow('restart: this server runs')
    await node.ask(['SET', 'key', '1'])
    await Promise.all([node.kill(), node.kill()])
    await node.kill()
    expect(() => node.pause()).toThrow('pause: this server has ended')
    expect(() => node.resume()).toThrow('resume: this server has ended')
    await expect(cluster.primaryOf('key')).rejects.toThrow('No node of the cluster is left')
    await expect(cluster.failover('key', 'takeover')).rejects.toThrow('No node of the cluster is left')
    await expect(cluster.failover('key', 'takover' as never)).rejects.toThrow("failover: expected 'planned' or 'takeover'")
    await node.restart()
    expect(await node.ask(['CLUSTER', 'MYID'])).toEqual([node.id])
    await cluster.stop()
    await expect(node.restart()).rejects.toThrow('restart: this server was stopped')
    await node.kill()
  })

  test('with TLS the nodes go by the name of their certificate', async () => {
    await using cluster = await startCluster({ tls: true, primaries: 2, replicas: 0 })
    expect(cluster.url).toMatch(/^rediss\+cluster:\/\/localhost:\d+,localhost:\d+$/)
    expect(cluster.ca).toContain('BEGIN CERTIFICATE')
    const node = await cluster.primaryOf('key')
    expect(await node.ask(['SET', 'key', '1'])).toEqual(['OK'])
  })

  test('several start at the same time', async () => {
    const clusters = await Promise.all(Array.from({ length: 3 }, () => startCluster({ primaries: 1, replicas: 0 })))
    expect(new Set(clusters.flatMap(({ nodes }) => nodes.map(({ port }) => port))).size).toBe(3)
    await Promise.all(clusters.map((cluster) => cluster.stop()))
  })

  test('a process that starts one and ends without a word leaves no server', async () => {
    const program = `
      import { startCluster } from './src/testing/index.ts'
      const cluster = await startCluster({ primaries: 1, replicas: 1 })
      console.log(cluster.nodes.map(({ port }) => port).join())`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    const ports = stdout.trim().split(',').map(Number)
    expect(ports).toHaveLength(2)
    for (const port of ports)
      await expect
        .poll(() =>
          rawRedis(port).then(
            () => 'there',
            () => 'gone',
          ),
        )
        .toBe('gone')
  })

  test('an option that it does not know is refused', async () => {
    await expect(startCluster({ tsl: true } as never)).rejects.toThrow('tsl: unknown option')
    await expect(startSentinel({ password2: '' } as never)).rejects.toThrow('password2: unknown option')
  })
})

describe('startSentinel', () => {
  test('names the primary, and another after a failover and after a crash', async () => {
    await using watched = await startSentinel({ password: 's3 cret', sentinelPassword: 'other', downAfter: 500 })
    expect(watched.url).toMatch(/^redis\+sentinel:\/\/:s3%20cret@127\.0\.0\.1:\d+(,127\.0\.0\.1:\d+){2}\/mymaster$/)
    const [first, second] = watched.nodes
    expect(await watched.primary()).toBe(first)
    expect(await first?.ask(['SET', 'key', '1'])).toEqual(['OK'])
    expect(await watched.failover()).toBe(second)
    await expect.poll(async () => String((await first?.ask(['ROLE']))?.[0]), { timeout: 20_000 }).toMatch('slave')
    await second?.kill()
    await expect.poll(() => watched.primary(), { timeout: 20_000 }).toBe(first)
  })
})
