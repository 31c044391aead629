import { startCluster, startSentinel } from 'fastmiss/testing'
import { expect, test, vi } from 'vitest'
import { doctor } from './support/doctor.ts'

vi.setConfig({ testTimeout: 60_000 })

test('a node of a cluster is named as one, with the URL to write', async () => {
  await using cluster = await startCluster({ replicas: 0 })
  const [node] = cluster.nodes
  const visit = await doctor([node?.url ?? ''])
  expect(visit.exitCode).toBe(1)
  expect(visit.step('cluster')).toMatchObject({ status: 'failed', finding: expect.stringContaining('3 nodes') })
  expect(visit.step('cluster')?.hint).toContain(`redis+cluster://127.0.0.1:${node?.port}`)
})

test('a replica and a Sentinel are named as such, with the URL to write', async () => {
  await using watched = await startSentinel({ sentinels: 1 })
  const [primary, replica] = watched.nodes
  const ofReplica = await doctor([replica?.url ?? ''])
  expect(ofReplica.exitCode).toBe(1)
  expect(ofReplica.step('cluster')?.hint).toContain(`redis://127.0.0.1:${primary?.port},`)
  const ofSentinel = await doctor([watched.sentinels[0]?.url ?? ''])
  expect(ofSentinel.exitCode).toBe(1)
  expect(ofSentinel.step('cluster')).toMatchObject({ status: 'failed', finding: expect.stringContaining('mymaster') })
  expect(ofSentinel.step('cluster')?.hint).toContain(`redis+sentinel://127.0.0.1:${watched.sentinels[0]?.port}/mymaster`)
})
