import { expect, test } from 'vitest'
import { createCache } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'
import { faultProxy, startRedis, startUpstash } from 'fastmiss/testing'
import { start } from './support/cli.ts'
import { doctor, doctorProgram, NO_ENVIRONMENT } from './support/doctor.ts'
import { temporaryFile } from './support/temporary-file.ts'

const ALL_STEPS = ['parse', 'resolve', 'connect', 'tls', 'auth', 'ping', 'round trips', 'probe key']

test('a healthy Redis passes every step, and says which options fit', async () => {
  await using redis = await startRedis({ args: ['--maxmemory', '20mb', '--maxmemory-policy', 'allkeys-lru'] })
  const visit = await doctor([redis.url])
  expect([visit.exitCode, visit.isHealthy, visit.stderr]).toEqual([0, true, ''])
  expect(visit.steps.map(({ step }) => step)).toEqual([...ALL_STEPS, 'memory', 'limits', 'clock', 'cluster', 'transports', 'copies', 'timeouts'])
  // An address needs no DNS and redis: no TLS; all else was looked at and found in order. A busy machine may make Redis look far.
  const notOk = visit.steps.filter(({ step, status }) => status !== 'ok' && step !== 'timeouts')
  expect(notOk.map(({ step, status }) => `${step} ${status}`)).toEqual(['resolve skipped', 'tls skipped'])
  expect(visit.step('round trips')?.finding).toMatch(/^median \d+\.\d ms, p99 \d+\.\d ms of \d+$/)
  expect(visit.step('memory')?.finding).toMatch(/^maxmemory-policy allkeys-lru, \d+\.\d MiB of 20 MiB used$/)
  const [hit, trip] =
    /takes (\d+\.\d+) ms here, one from Redis (\d+\.\d+) ms/
      .exec(visit.step('copies')?.finding ?? '')
      ?.slice(1)
      .map(Number) ?? []
  expect(hit).toBeGreaterThan(0)
  expect(hit).toBeLessThan((trip ?? 0) + 0.1)
  expect(visit.step('copies')?.hint).toContain('a change made elsewhere is seen at most 5 s later')
  expect(visit.runtimes).toEqual({
    node: 'TCP (node-redis)',
    lambda: 'TCP (node-redis)',
    workers: 'TCP, handed in: transport: tcp(url) of fastmiss/tcp, with nodejs_compat',
  })
  // What it suggests must be what createCache takes.
  expect(() => createCache({ url: redis.url, ...visit.suggestion })).not.toThrow()
})

test('nothing is left in Redis: the probe key is gone and no client stays', async () => {
  await using redis = await startRedis()
  await doctor([redis.url])
  const connection = tcp(redis.url).open()
  const [keys, written, clients] = await connection.send([['DBSIZE'], ['INFO', 'commandstats'], ['CLIENT', 'LIST']], Date.now() + 2_000)
  connection.close()
  expect(keys).toBe(0)
  expect(written).toMatch(/cmdstat_set:calls=1,/)
  expect(written).toMatch(/cmdstat_del:calls=1,/)
  expect(String(clients).trim().split('\n')).toHaveLength(1)
})

test('the probe key has a short life, should nobody be able to remove it', async () => {
  await using redis = await startRedis()
  // DEL is the command that this user may not run.
  const setUp = tcp(redis.url).open()
  await setUp.send([['ACL', 'SETUSER', 'writer', 'on', 'nopass', '~*', '+@all', '-del']], Date.now() + 2_000)
  const visit = await doctor([redis.url.replace('redis://', 'redis://writer:any@')])
  const [[, [key]], ttl] = (await setUp.send([['SCAN', '0'], ['DBSIZE']], Date.now() + 2_000)) as [[string, string[]], number]
  const [left] = await setUp.send([['PTTL', key ?? '']], Date.now() + 2_000)
  setUp.close()
  expect(visit.step('probe key')).toMatchObject({ status: 'failed', hint: expect.stringContaining('ACL') })
  expect([ttl, key?.startsWith(':!fm:probe:')]).toEqual([1, true])
  expect(Number(left)).toBeGreaterThan(0)
  expect(Number(left)).toBeLessThanOrEqual(10_000)
})

test('a user of one namespace is examined inside it', async () => {
  await using redis = await startRedis()
  const setUp = tcp(redis.url).open()
  await setUp.send([['ACL', 'SETUSER', 'app', 'on', '>secret', '~app:*', '+@read', '+@write', '+ping']], Date.now() + 2_000)
  setUp.close()
  const url = redis.url.replace('redis://', 'redis://app:secret@')
  expect((await doctor([url])).step('probe key')).toMatchObject({ status: 'failed', hint: expect.stringContaining('--namespace') })
  const visit = await doctor([url, '--namespace', 'app'])
  expect(visit.exitCode).toBe(0)
  expect(visit.step('probe key')?.status).toBe('ok')
  // INFO is not for this user either: that is no illness.
  expect(visit.step('memory')).toMatchObject({ status: 'skipped', finding: 'the server does not tell (NOPERM)' })
})

test('TLS with a CA of one’s own, by --ca and by NODE_EXTRA_CA_CERTS; its near end is worth a word', async () => {
  await using redis = await startRedis({ tls: true, password: 'some password' })
  await using file = await temporaryFile('ca.pem', redis.ca)
  const ca = file.path
  for (const visit of [await doctorProgram([redis.url, '--ca', ca]), await doctorProgram([redis.url], { NODE_EXTRA_CA_CERTS: ca })]) {
    expect(visit.exitCode).toBe(0)
    expect(visit.step('tls')).toMatchObject({
      status: 'warning',
      finding: expect.stringMatching(/^TLSv1\.3, certificate for localhost.* days left$/),
    })
    expect(visit.step('auth')).toMatchObject({ status: 'ok', finding: 'accepted' })
  }
})

test('noeviction is a warning: writes will fail, or the machine will', async () => {
  await using endless = await startRedis()
  await using bounded = await startRedis({ args: ['--maxmemory', '50mb'] })
  const [first, second] = [await doctor([endless.url]), await doctor([bounded.url])]
  expect([first.exitCode, second.exitCode]).toEqual([0, 0])
  expect(first.step('memory')).toMatchObject({
    status: 'warning',
    finding: expect.stringContaining('no maxmemory'),
    hint: expect.stringContaining('allkeys-lru'),
  })
  expect(second.step('memory')).toMatchObject({ status: 'warning', finding: expect.stringContaining('every write fails (OOM)') })
})

test('a far server gets options that fit the distance', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await proxy.set('latency', { delay: 50 })
  const { exitCode, suggestion, step } = await doctor([proxy.url])
  expect(exitCode).toBe(0)
  expect(step('timeouts')).toMatchObject({ status: 'warning', hint: expect.stringContaining('The default of 250 is short') })
  // One round trip is 100 ms: with the measured reserve of four.
  expect(suggestion?.connectTimeout).toBeGreaterThanOrEqual(400)
  expect(suggestion?.timeout).toBeGreaterThanOrEqual((suggestion?.connectTimeout ?? 0) + 400)
})

test('Upstash over REST, from the environment, without its token in the report', async () => {
  await using upstash = await startUpstash()
  const visit = await doctorProgram([], upstash.env)
  expect([visit.exitCode, visit.target]).toEqual([0, upstash.url])
  expect(visit.steps.map(({ step }) => step)).toEqual([
    ...ALL_STEPS.map((step) => (step === 'auth' ? 'token' : step)),
    'limits',
    'clock',
    'transports',
    'copies',
    'timeouts',
  ])
  expect(visit.step('limits')?.finding).toContain('Upstash: key 32 KB, request 10 MB, record 100 MB')
  expect(visit.suggestion).toEqual({ timeout: expect.any(Number) })
  expect(visit.runtimes).toEqual({ node: 'REST (fetch)', lambda: 'REST (fetch)', workers: 'REST (fetch)' })
  // By the URL alone: the token of the environment is for this host.
  expect((await doctorProgram([upstash.url], upstash.env)).exitCode).toBe(0)
})

test('a unix socket and memory are examined as far as there is something to examine', async () => {
  await using redis = await startRedis({ unixSocket: true })
  const [socket, memory] = [await doctor([`unix://${redis.socketPath}`]), await doctor(['memory:'])]
  expect([socket.exitCode, socket.step('connect')?.status, socket.step('ping')?.status]).toEqual([0, 'ok', 'ok'])
  expect(socket.runtimes?.workers).toBe('none: it has no unix sockets')
  expect([memory.exitCode, memory.step('connect'), memory.step('copies'), memory.step('ping')?.status]).toEqual([0, undefined, undefined, 'ok'])
})

test('the report for people has a mark, a time and a hint, and no colour in a pipe', async () => {
  await using redis = await startRedis()
  await using running = start(['doctor', redis.url], NO_ENVIRONMENT)
  const { stdout, exitCode } = await running.outcome
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^✓ connect +\d+\.\d ms {2}127\.0\.0\.1 port \d+ accepts connections$/m)
  expect(stdout).toMatch(/^! memory .*\n +→ For a cache set maxmemory/m)
  expect(stdout).toMatch(/\nIt can be used as a cache\.\n$/)
  expect(stdout.includes('\u001B')).toBe(false)
})
