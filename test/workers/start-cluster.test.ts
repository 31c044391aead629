import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startDemo } from './support/demo.ts'

const KEYS = ['greeting', ...Array.from({ length: 11 }, (_, index) => `key${index}`)]

test('the demonstration serves a cluster of three, and the switch breaks one shard of it alone', { timeout: 60_000 }, async () => {
  await using demo = await startDemo(['--cluster'])
  expect(demo.text).toMatch(/^Behind it: a cluster of 3 at redis\+cluster:.*the shard of "greeting"/m)
  const ask = async (path: string, init?: RequestInit) => (await fetch(demo.origin + path, init)).json()
  const health = { status: 'ok', transport: 'cluster', nodes: { up: 3, of: 3 } }
  await expect.poll(() => ask('/health'), { timeout: 15_000 }).toMatchObject(health)
  for (const key of KEYS) await expect.poll(() => ask(`/set/${key}`, { method: 'PUT', body: key }), { timeout: 15_000 }).toEqual({ stored: true })
  const turn = (fault: string) =>
    ask('/playground/fault', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ fault }) })
  await turn('refuse').catch(() => undefined)
  const statuses = async () => (await Promise.all(KEYS.map((key) => ask(`/lookup/${key}`)))).map(({ status }: { status: string }) => status)
  const broken = await statuses()
  expect(broken[0]).toBe('degraded')
  expect(new Set(broken)).toEqual(new Set(['degraded', 'hit']))
  await turn('healthy').catch(() => undefined)
  await expect.poll(statuses, { timeout: 15_000 }).toEqual(KEYS.map(() => 'hit'))
})

test('without a redis-server, and over REST, a sentence says that there is no cluster', async () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['workers/local/start.ts', '--cluster', ...args], {
      env: { ...process.env, PATH: dirname(process.execPath) },
    })
  await expect(run()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^--cluster: There is no redis-server on PATH: .*install.*\n$/),
  })
  await expect(run('--upstash')).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^--cluster: .*leave out --upstash\n$/) })
})
