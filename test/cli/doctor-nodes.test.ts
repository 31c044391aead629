import { faultProxy, startCluster, startRedis, startSentinel } from 'fastmiss/testing'
import { expect, test, vi } from 'vitest'
import { doctor, doctorHere, doctorProgram } from './support/doctor.ts'
import { temporaryFile } from './support/temporary-file.ts'

vi.setConfig({ testTimeout: 60_000 })

test('over the URL of a cluster each node has a line with its slots and its TLS name, and one that is out fails the examination', async () => {
  // None takes over from another while the doctor looks.
  await using cluster = await startCluster({ tls: true, password: 'planted', nodeTimeout: 60_000, args: ['--cluster-require-full-coverage', 'no'] })
  await using ca = await temporaryFile('ca.pem', cluster.ca ?? '')
  // A replica is in the map once the others have heard that it follows.
  const ranges = async () =>
    (await Promise.all(cluster.nodes.map((node) => node.ask(['CLUSTER', 'SLOTS'])))).flatMap(([map]) => map as readonly unknown[][])
  await expect.poll(async () => (await ranges()).every((range) => range.length === 4), { timeout: 15_000 }).toBe(true)
  const visit = await doctorProgram([cluster.url, '--ca', ca.path])
  expect([visit.exitCode, visit.step('seeds')?.status, visit.step('probe key')?.status]).toEqual([0, 'ok', 'ok'])
  const nodes = visit.steps.filter(({ step }) => step === 'node')
  expect(nodes).toHaveLength(6)
  expect(
    nodes.filter(({ finding }) => /^localhost:\d+, primary of 546\d slots; TLS name localhost, TLSv1\.3, certificate for localhost/.test(finding)),
  ).toHaveLength(3)
  expect(visit.step('slots')).toMatchObject({ status: 'ok', finding: '16384 of 16384 are held, by 3 primaries; cluster_state:ok' })
  expect(visit.runtimes?.workers).toContain('cluster(url)')

  const [, second] = cluster.nodes
  second?.pause()
  const broken = await doctorProgram([cluster.url, '--ca', ca.path, '--timeout', '500'])
  const failed = broken.steps.filter(({ status }) => status === 'failed')
  expect(failed).toEqual([
    expect.objectContaining({ step: 'node', finding: expect.stringContaining(`localhost:${second?.port}, primary of 5462 slots: `) }),
  ])
  expect(failed[0]?.hint).toContain(`--node-address localhost:${second?.port}=host:port`)
  // What is behind it is still looked at, at a node that lives.
  expect([broken.exitCode, broken.step('probe key')?.status]).toEqual([1, 'ok'])
  expect(JSON.stringify([visit, broken])).not.toContain('planted')
})

test('--node-address says where a node is reached, and a user who may not ask for the map is told the rights that lack', async () => {
  await using cluster = await startCluster({ replicas: 0 })
  const [first, ...others] = cluster.nodes
  await using proxy = await faultProxy({ target: first?.url ?? '' })
  const announced = `127.0.0.1:${first?.port}`
  const to = ['--node-address', `${announced}=127.0.0.1:${proxy.port}`]
  const moved = await doctor([`redis+cluster://127.0.0.1:${others[0]?.port}`, ...to])
  expect(moved.exitCode).toBe(0)
  const node = moved.steps.find(({ finding }) => finding.startsWith(announced))
  expect(node).toMatchObject({ step: 'node', status: 'ok', finding: expect.stringContaining(`reached at 127.0.0.1:${proxy.port}`) })
  expect(proxy.counters.connections).toBeGreaterThan(0)

  await Promise.all(cluster.nodes.map((one) => one.ask(['ACL', 'SETUSER', 'narrow', 'on', '>pw', '~*', '+ping', '+get', '+set'])))
  const narrow = await doctor([cluster.url.replace('//', '//narrow:pw@')])
  expect(narrow.step('seeds')).toMatchObject({ status: 'warning', hint: 'Extend its ACL: +cluster|slots +cluster|myid +asking' })

  const single = await doctor([first?.url ?? '', ...to])
  expect([single.exitCode, single.step('parse')?.finding]).toEqual([1, expect.stringContaining('--node-address')])
})

test('--node-address takes a node of IPv6 as people write it, and as it announces itself', async () => {
  await using redis = await startRedis()
  for (const from of ['[::1]:1', '::1:1']) {
    const { stdout, exitCode } = await doctorHere(['redis+cluster://[::1]:1', '--node-address', `${from}=127.0.0.1:${redis.port}`])
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('[::1]:1 is no cluster: it holds all keys')])
  }
})

test('over the URL of sentinels the primary, its replicas and what is asked of the sentinels are told', async () => {
  await using watched = await startSentinel({ sentinels: 2, sentinelPassword: 'planted' })
  const [primary, replica] = watched.nodes
  const own = { SENTINEL_PASSWORD: 'planted' }
  const visit = await doctorProgram([watched.url], own)
  expect(visit.exitCode).toBe(0)
  expect(visit.step('sentinels')?.finding).toBe(`2 of 2 name 127.0.0.1:${primary?.port} as the primary of mymaster`)
  const nodes = visit.steps.filter(({ step }) => step === 'node').map(({ finding }) => finding)
  expect(nodes).toEqual([`127.0.0.1:${primary?.port}, primary`, `127.0.0.1:${replica?.port}, replica`])
  expect(visit.runtimes?.workers).toContain('sentinel(url)')

  const misnamed = await doctorProgram([watched.url.replace('mymaster', 'other')], own)
  expect([misnamed.exitCode, misnamed.step('sentinels')?.hint]).toEqual([1, 'It watches mymaster: write that behind the hosts'])

  await Promise.all(watched.sentinels.map((one) => one.ask(['ACL', 'SETUSER', 'asker', 'on', '>planted', '+ping', '+sentinel|masters'])))
  const narrow = await doctorProgram([watched.url], { SENTINEL_USERNAME: 'asker', SENTINEL_PASSWORD: 'planted' })
  expect(narrow.step('sentinels')).toMatchObject({ status: 'failed', hint: expect.stringContaining('+sentinel|get-master-addr-by-name') })
  const nobody = await doctor([watched.url])
  expect(nobody.step('sentinels')).toMatchObject({ status: 'failed', hint: expect.stringContaining('sentinelCredentials') })
  expect(JSON.stringify([visit, misnamed, narrow, nobody])).not.toContain('planted')
})

test('a single Redis behind the URL of a cluster or of sentinels is named as one, with the URL to write', async () => {
  await using redis = await startRedis()
  const at = `127.0.0.1:${redis.port}`
  const asCluster = await doctor([`redis+cluster://${at}`])
  expect([asCluster.exitCode, asCluster.step('seeds')?.hint, asCluster.step('probe key')?.status]).toEqual([
    0,
    expect.stringContaining(`Write redis://${at}`),
    'ok',
  ])
  const asSentinel = await doctor([`redis+sentinel://${at}/mymaster`])
  expect([asSentinel.exitCode, asSentinel.step('sentinels')?.finding]).toEqual([1, `${at} is no sentinel`])
  const nobody = await doctor(['redis+cluster://127.0.0.1:1,127.0.0.1:2'])
  expect([nobody.exitCode, nobody.step('seeds')?.finding]).toEqual([1, expect.stringContaining('none of 2 answers; 127.0.0.1:1: nothing listens')])
})
