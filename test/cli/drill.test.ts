import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { startRedis, startUpstash } from 'fastmiss/testing'
import { tcp } from 'fastmiss/tcp'
import { fastmiss, start } from './support/cli.ts'
import { NO_ENVIRONMENT } from './support/doctor.ts'
import { drill, QUICK } from './support/drill.ts'
import { temporaryFile } from './support/temporary-file.ts'

const TCP = ['refuse', 'blackhole', 'silent', 'freeze', 'reset', 'halfReply', 'slow', 'drip', 'garbage', 'huge', 'latency', 'closeIdle']

test('every fault over TCP: all promises are kept, and the figures say how', async () => {
  const { exitCode, stderr, areAllKept, scenes } = await drill([])
  expect(scenes.map(({ fault, verdict }) => `${fault}: ${verdict.broken.join()}`)).toEqual(TCP.map((fault) => `${fault}: `))
  expect([exitCode, stderr, areAllKept]).toEqual([0, '', true])
  for (const { expectation, verdict, answers, mendedAt, dials } of scenes) {
    // Measured, not made up: the verdict's figures are those of the answers and the attempts.
    const during = answers.filter(({ startedAt }) => startedAt >= 0 && startedAt < mendedAt)
    expect([verdict.firstMs, verdict.secondMs]).toEqual([during[0]?.ms, during[1]?.ms])
    expect(verdict.connections).toBe(dials.filter((at) => at >= 0 && at < mendedAt).length)
    expect(mendedAt).toBeGreaterThan(690)
    if (expectation === 'harmless') expect(during.every(({ status }) => status !== 'degraded')).toBe(true)
    // 300 ms of cooldown in 700 ms of outage: the first attempt and at most one probe.
    else expect([1, 2]).toContain(verdict.connections)
  }
}, 180_000)

test('over REST: the connection, the answer, and a pooled connection that died', async () => {
  const faults = ['refuse', 'noHeaders', '500', 'redirect', 'huge', 'resetPooled']
  const { exitCode, wire, scenes } = await drill(['--upstash', '--faults', faults.join(',')])
  expect(scenes.map(({ fault, verdict }) => `${fault}: ${verdict.broken.join()}`)).toEqual(faults.map((fault) => `${fault}: `))
  expect([exitCode, wire]).toEqual([0, 'http'])
}, 120_000)

test.concurrent.each([
  ['TCP', ['--faults', 'silent']],
  ['REST', ['--upstash', '--faults', '500']],
])(
  'with --memory each fault comes a second time: over %s what was read before is answered throughout',
  async (_, args) => {
    const { exitCode, stderr, scenes } = await drill(['--memory', ...args])
    expect([exitCode, stderr, scenes.map(({ settings }) => settings.memory !== undefined)]).toEqual([0, '', [false, true]])
    const [without, copied] = scenes.map(({ answers, mendedAt }) =>
      answers.filter(({ key, startedAt }) => key === 'present' && startedAt >= 0 && startedAt < mendedAt),
    )
    expect(without?.map(({ status }) => status)).toEqual(without?.map(() => 'degraded'))
    expect(copied?.length).toBeGreaterThan(3)
    expect(copied?.map(({ status, from }) => `${status} ${from}`)).toEqual(copied?.map(() => 'hit memory'))
    // The first question may be for the other key, and the last be cut off by the cure.
    expect(copied?.map(({ reason }) => reason)).toContain('cooldown')
    expect(copied?.map(({ reason }) => reason)).not.toContain(undefined)
  },
  60_000,
)

test.concurrent('a Redis of the user: only its own keys, removed afterwards, and nothing of anybody else is touched', async () => {
  await using redis = await startRedis({ password: 'planted-secret' })
  const watcher = tcp(redis.url).open()
  await watcher.send(
    [
      ['SET', 'theirs', 'untouched'],
      ['CONFIG', 'RESETSTAT'],
    ],
    Date.now() + 2_000,
  )
  const { exitCode, stdout, stderr, target } = await drill([redis.url, '--faults', 'silent'])
  const [size, theirs, statistics, keys] = await watcher.send(
    [['DBSIZE'], ['GET', 'theirs'], ['INFO', 'commandstats'], ['KEYS', '*']],
    Date.now() + 2_000,
  )
  watcher.close()
  expect([exitCode, target]).toEqual([0, `redis://127.0.0.1:${redis.port}`])
  expect([size, theirs, keys]).toEqual([1, 'untouched', ['theirs']])
  const used = [...String(statistics).matchAll(/cmdstat_([a-z|]+):/g)].map(([, name]) => name)
  expect(used.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(['auth', 'config|resetstat', 'dbsize', 'del', 'get', 'set'])
  expect(stdout + stderr).not.toContain('planted')
}, 60_000)

test.concurrent('a Redis behind TLS, whose certificate is for its own name and not for the proxy’s', async () => {
  await using redis = await startRedis({ tls: true })
  await using ca = await temporaryFile('ca.pem', redis.ca)
  const { exitCode, scenes } = await drill([redis.url, '--ca', ca.path, '--faults', 'silent,refuse'])
  expect([exitCode, scenes.map(({ verdict }) => verdict.broken)]).toEqual([0, [[], []]])
}, 60_000)

test.concurrent('a REST database of the user', async () => {
  await using upstash = await startUpstash()
  const { exitCode, scenes } = await drill([upstash.url, '--token', upstash.token, '--faults', 'blackhole,429'])
  expect([exitCode, scenes.map(({ verdict }) => verdict.broken)]).toEqual([0, [[], []]])
}, 60_000)

test.concurrent('where there is no redis-server, it is an embedded one', async () => {
  await using running = start(['drill', ...QUICK, '--faults', 'refuse'], { ...NO_ENVIRONMENT, PATH: '/nowhere' })
  const { exitCode, stdout } = await running.outcome
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^Drilling an embedded Redis of its own: 1 faults/)])
}, 60_000)

test.concurrent('a cache that remembers nothing breaks a promise, with 1', async () => {
  await using running = start(['drill', '--span', '700', '--cooldown', '0', '--faults', 'silent'], NO_ENVIRONMENT)
  const { exitCode, stdout, stderr } = await running.outcome
  expect(stdout).toMatch(/^silent +timeout +[2-9]\d\d ms +[2-9]\d\d ms .* no: .*remembered/m)
  expect([exitCode, stderr]).toEqual([1, 'Promises were broken under silent\n'])
}, 60_000)

test.concurrent('the table for people, and the picture', async () => {
  await using file = await temporaryFile('drill.svg')
  await using running = start(['drill', ...QUICK, '--memory', '--faults', 'refuse', '--svg', file.path], NO_ENVIRONMENT)
  const { exitCode, stdout, stderr } = await running.outcome
  const picture = await readFile(file.path, 'utf8')
  expect([exitCode, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(
    /^fault +answer +first +second +values +connections +recovery +promises kept\?\nrefuse +unreachable +[\d.]+ ms +[\d.]+ ms +0 of \d+ +\d +\d+ ms +yes\n {2}\+ memory .* (\d+) of \1 .* yes$/m,
  )
  expect(stdout).toMatch(/\nconnections: attempts to connect while the fault lasted; .*\n\+ memory: .*\nEvery promise was kept\.\n$/)
  expect(picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
}, 60_000)

test.concurrent('what cannot be drilled is refused in a sentence, with 2', async () => {
  const outcomes = await Promise.all([
    fastmiss('drill', '--faults', 'earthquake'),
    fastmiss('drill', 'unix:///tmp/redis.sock'),
    fastmiss('drill', 'redis://planted-user:planted#pass@host'),
    fastmiss('drill', '--cooldown', 'soon'),
    fastmiss('drill', '--token', 'planted'),
    fastmiss('drill', '--token', 'planted', 'redis://127.0.0.1:1'),
  ])
  expect(outcomes.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual(Array(6).fill([2, '']))
  expect(outcomes.map(({ stderr }) => stderr).join('')).toMatch(
    /there is no such fault. Known: refuse.*\n.*faults are made on the network.*\n.*Percent-encode.*\n.*--token goes with.*\n.*--token is for/s,
  )
  expect(outcomes.map(({ stderr }) => stderr).join('')).not.toContain('planted')
})

test.concurrent('a fault lasts longer than a timeout of the cache, or nothing could be said about the answer after it', async () => {
  const { exitCode, stdout, stderr } = await fastmiss('drill', '--timeout', '800', '--span', '900')
  expect([exitCode, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^--span: .*1000/)
  // Without --span it lasts as long as it takes.
  await using running = start(['drill', '--json', '--timeout', '1700', '--cooldown', '300', '--faults', 'silent'], NO_ENVIRONMENT)
  const outcome = await running.outcome
  expect([outcome.exitCode, outcome.stderr]).toEqual([0, ''])
}, 60_000)

test.concurrent('what it writes lives longer than the longest fault, and not much longer', async ({ expect }) => {
  await using redis = await startRedis()
  await using running = start(['drill', redis.url, '--span', '600000', '--faults', 'latency'], NO_ENVIRONMENT)
  await running.until(/Drilling/)
  const watcher = tcp(redis.url).open()
  async function lifetimes(): Promise<readonly unknown[]> {
    const [keys] = await watcher.send([['KEYS', '*']], Date.now() + 2_000)
    const questions = (keys as readonly string[]).map((key) => ['PTTL', key])
    return questions.length === 0 ? [] : watcher.send(questions, Date.now() + 2_000)
  }
  await expect.poll(async () => (await lifetimes()).length, { timeout: 10_000 }).toBe(2)
  for (const ms of await lifetimes()) {
    expect(ms).toBeGreaterThan(600_000)
    expect(ms).toBeLessThan(800_000)
  }
  await running.end('SIGINT')
  watcher.close()
}, 60_000)

test.concurrent('a picture that cannot be written costs nobody the table', async () => {
  await using running = start(['drill', ...QUICK, '--faults', 'refuse', '--svg', '/nowhere/drill.svg'], NO_ENVIRONMENT)
  const { exitCode, stdout, stderr } = await running.outcome
  expect([exitCode, stderr]).toEqual([2, '--svg: the file cannot be written (ENOENT)\n'])
  expect(stdout).toMatch(/^refuse .* yes$/m)
}, 60_000)

test.concurrent('a Redis that is sick by itself is not drilled', async () => {
  const { exitCode, stderr } = await fastmiss('drill', 'redis://127.0.0.1:1', '--faults', 'silent')
  expect([exitCode, stderr]).toEqual([1, 'redis://127.0.0.1:1 does not answer without any fault of ours. Try: fastmiss doctor\n'])
})

test('Ctrl-C leaves nothing: no process, and no key in a Redis of the user', async () => {
  await using redis = await startRedis()
  await using running = start(['drill', redis.url], NO_ENVIRONMENT)
  await running.until(/Drilling/)
  const watcher = tcp(redis.url).open()
  let size: unknown = 0
  for (let tries = 0; tries < 200 && size !== 2; tries++) {
    ;[size] = await watcher.send([['DBSIZE']], Date.now() + 2_000)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(size).toBe(2)
  const interruptedAt = performance.now()
  expect((await running.end('SIGINT')).exitCode).toBe(130)
  expect(performance.now() - interruptedAt).toBeLessThan(2_000)
  ;[size] = await watcher.send([['DBSIZE']], Date.now() + 2_000)
  watcher.close()
  expect(size).toBe(0)
}, 60_000)
