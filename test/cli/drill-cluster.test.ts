import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { fastmiss, start } from './support/cli.ts'
import { NO_ENVIRONMENT } from './support/doctor.ts'
import { tableOf } from '../../src/cli/drill/table-of.ts'
import { drill } from './support/drill.ts'
import { temporaryFile } from './support/temporary-file.ts'

test('one shard of a cluster fails in its own lane, and the others go on answering: figures, table and picture', async () => {
  await using file = await temporaryFile('drill.svg')
  const { exitCode, stderr, scenes, target } = await drill(['--cluster', '--faults', 'refuse,silent', '--svg', file.path])
  expect([exitCode, stderr, target]).toEqual([0, '', expect.stringContaining('a cluster of three')])
  const said = scenes.map(({ fault, shard, expectation, verdict }) => [fault, shard?.number, expectation, verdict.broken.join()])
  expect(said).toEqual(['refuse', 'silent'].flatMap((fault) => [1, 2, 3].map((shard) => [fault, shard, shard === 1 ? 'outage' : 'spared', ''])))
  for (const { shard, answers, dials, mendedAt } of scenes) {
    const during = answers.filter(({ startedAt }) => startedAt >= 0 && startedAt < mendedAt)
    const degraded = during.filter(({ status }) => status === 'degraded')
    expect(during.length).toBeGreaterThan(5)
    expect(degraded.length).toBe(shard?.number === 1 ? during.length : 0)
    // In 700 ms with a cooldown of 300: the first attempt and at most one probe. The others dial for each request.
    const attempts = dials.filter((at) => at >= 0 && at < mendedAt).length
    if (shard?.number === 1) expect([1, 2]).toContain(attempts)
    else expect(attempts).toBeGreaterThan(2)
  }
  const table = tableOf(scenes, { isTerminal: false, columns: 200, line: () => {}, write: () => {}, paint: (_, text) => text }).join('\n')
  expect(table).toMatch(/^refuse +unreachable .* yes.*\n {2}shard 2 +(hit|miss) .* yes.*\n {2}shard 3 +(hit|miss) .* yes.*\nsilent +timeout .* yes/m)
  const lanes = (await readFile(file.path, 'utf8')).split('<g><title>').slice(1)
  expect(lanes.map((lane) => [/^[^:]*/.exec(lane)?.[0], lane.includes('class="fault"'), lane.includes('class="cooldown"')])).toEqual(
    ['refuse', 'silent'].flatMap((fault) => [
      [`${fault}, shard 1 of 3`, true, true],
      [`${fault}, shard 2 of 3, which is not broken`, false, false],
      [`${fault}, shard 3 of 3, which is not broken`, false, false],
    ]),
  )
}, 60_000)

test('without a redis-server, with a URL or over REST it says why there is no such drill', async () => {
  await using running = start(['drill', '--cluster'], { ...NO_ENVIRONMENT, PATH: '/nowhere' })
  expect(await running.outcome).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('There is no redis-server on PATH') })
  for (const args of [['redis://127.0.0.1:1'], ['--upstash']]) {
    expect(await fastmiss('drill', '--cluster', ...args)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--cluster is a cluster of its own'),
    })
  }
  expect(await fastmiss('drill', 'redis+cluster://:planted@h1,h2')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/^(?!.*planted).*--cluster, without a URL/),
  })
}, 30_000)
