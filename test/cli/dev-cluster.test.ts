import { createCache } from 'fastmiss'
import { expect, test, vi } from 'vitest'
import { fastmiss, start } from './support/cli.ts'

vi.setConfig({ testTimeout: 60_000 })

test('dev --cluster serves a cluster, says its URL, and leaves nothing', async () => {
  await using running = start(['dev', '--cluster', '--json'])
  const said = JSON.parse(await running.until(/\n/)) as { readonly env: { readonly REDIS_URL: string }; readonly nodes: readonly unknown[] }
  expect(said.env.REDIS_URL).toMatch(/^redis\+cluster:/)
  expect(said.nodes).toHaveLength(6)
  const cache = createCache({ url: said.env.REDIS_URL, timeout: 5_000 })
  const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)
  expect(await cache.setMany(keys.map((key) => ({ key, value: key })))).toEqual(keys.map(() => true))
  expect(await cache.getMany(keys)).toEqual(keys)
  await cache.close()
  expect((await running.end('SIGINT')).exitCode).toBe(130)
  expect((await cache.health()).status).toBe('degraded')
})

test('dev --cluster refuses what means nothing there', async () => {
  const { exitCode, stderr } = await fastmiss('dev', '--cluster', '--token', 't')
  expect(exitCode).not.toBe(0)
  expect(stderr).toContain('--token')
})
