import { createServer as createHttpServer } from 'node:http'
import { createServer as createTlsServer } from 'node:tls'
import { expect, test } from 'vitest'
import { tcp } from 'fastmiss/tcp'
import { type Fault, faultProxy, type GatewayFault, startRedis, startUpstash } from 'fastmiss/testing'
import { freePort } from '../../src/testing/free-port.ts'
import type { Result } from '../../src/cli/doctor/examine.ts'
import { certificateFor } from './support/certificate.ts'
import { start } from './support/cli.ts'
import { doctor, doctorProgram, NO_ENVIRONMENT, slowStart, type Visit } from './support/doctor.ts'
import { listening } from './support/listen.ts'
import { temporaryFile } from './support/temporary-file.ts'

/** The first line that failed says what, the hint what to do; nothing behind it was looked at; in two seconds, with 1. */
async function expectBroken(visit: Visit, step: Result['step'], finding: RegExp, hint: RegExp): Promise<void> {
  const failed = visit.steps.filter(({ status }) => status === 'failed')
  expect(failed.map((result) => result.step)).toEqual([step])
  expect(failed[0]?.finding).toMatch(finding)
  expect(failed[0]?.hint).toMatch(hint)
  expect([visit.exitCode, visit.isHealthy, visit.stderr]).toEqual([1, false, `Broken: ${step}\n`])
  expect(visit.took).toBeLessThan(2_000 + 2 * (await slowStart()))
}

/** Everything behind a vital step is there, as skipped; only what needs no connection is not. */
function expectSkipped(visit: Visit, behind: Result['step']): void {
  const at = visit.steps.findIndex(({ step }) => step === behind)
  const rest = visit.steps.slice(at + 1).filter(({ step }) => step !== 'transports')
  expect(rest.length).toBeGreaterThan(3)
  expect(new Set(rest.map(({ status, finding }) => `${status}: ${finding}`))).toEqual(new Set([`skipped: not before ${behind} succeeds`]))
}

test('what is left out for one reason shares a line', async () => {
  await using running = start(['doctor', `redis://127.0.0.1:${await freePort()}`], NO_ENVIRONMENT)
  const { stdout } = await running.outcome
  const lines = stdout.split('\n')
  expect(lines.filter((line) => line.startsWith('–'))).toHaveLength(3)
  expect(stdout).toMatch(/^– tls, auth, ping, .*, cluster: not before connect succeeds$/m)
})

test('a wrong password, a missing one, and one too many', async () => {
  await using locked = await startRedis({ password: 'right' })
  await using open = await startRedis()
  const wrong = await doctor([locked.url.replace('right', 'wrong')])
  await expectBroken(wrong, 'auth', /refused the user name or the password/, /ACL LIST.*percent-encode/)
  expectSkipped(wrong, 'auth')
  await expectBroken(
    await doctor([locked.url.replace(':right@', '')]),
    'auth',
    /asks for a password, and the URL has none/,
    /redis:\/\/:password@host/,
  )
  await expectBroken(await doctor([open.url.replace('redis://', 'redis://:one@')]), 'auth', /has no password, and the URL has one/, /requirepass/)
})

test('a port where nothing listens', async () => {
  await using proxy = await faultProxy({ target: 'redis://127.0.0.1:1' })
  await proxy.set('refuse')
  const visit = await doctor([proxy.url])
  await expectBroken(visit, 'connect', /nothing listens on port \d+ \(ECONNREFUSED\)/, /Is Redis running\?/)
  expectSkipped(visit, 'connect')
})

test('no such host', async () => {
  const visit = await doctorProgram(['redis://no-such-host.invalid:6379'])
  await expectBroken(visit, 'resolve', /no address for this host name/, /typo|name servers/)
  expectSkipped(visit, 'resolve')
})

test('name servers that never answer hold the process no longer than the report', async () => {
  // The call into the system goes on in a thread and keeps the process, as getaddrinfo does.
  await using preload = await temporaryFile(
    'dns.mjs',
    `import dns from 'node:dns/promises'
     import { syncBuiltinESMExports } from 'node:module'
     dns.lookup = () => new Promise((resolve) => setTimeout(resolve, 20_000))
     syncBuiltinESMExports()`,
  )
  const visit = await doctorProgram(['redis://somewhere.example:6379'], { NODE_OPTIONS: `--import=${preload.path}` })
  await expectBroken(visit, 'resolve', /DNS does not answer/, /name servers/)
})

const PROXY_FAULTS: readonly (readonly [Fault, Result['step'], RegExp, RegExp])[] = [
  ['blackhole', 'connect', /no answer from port \d+: packets are dropped/, /security group/],
  ['silent', 'ping', /accepts the connection, and does not answer/, /SLOWLOG/],
  ['slow', 'ping', /accepts the connection, and does not answer/, /SLOWLOG/],
  ['freeze', 'ping', /accepts the connection, and does not answer/, /SLOWLOG/],
  ['reset', 'ping', /accepts the connection, and hangs up/, /Does it want TLS\?/],
  ['garbage', 'ping', /what answers is not Redis/, /Check host and port/],
]

test.for(PROXY_FAULTS)('behind a proxy: %s', async ([fault, step, finding, hint]) => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await proxy.set(fault)
  await expectBroken(await doctor([proxy.url]), step, finding, hint)
})

test('replies that trickle in are told within the two seconds too', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await proxy.set('drip')
  const { exitCode, took, steps } = await doctor([proxy.url])
  expect([exitCode, steps.some(({ status }) => status === 'failed')]).toEqual([1, true])
  expect(took).toBeLessThan(3_500 + 2 * (await slowStart()))
})

test('an HTTP server is not Redis, and Redis is not a REST server', async () => {
  await using server = await listening(createHttpServer((_request, response) => void response.end('hello')))
  await using redis = await startRedis()
  await expectBroken(await doctor([`redis://127.0.0.1:${server.port}`]), 'ping', /an HTTP server answers on this port/, /https:/)
  await expectBroken(await doctor([`http://127.0.0.1:${redis.port}`, '--token', 'any']), 'ping', /a Redis answers on this port/, /Write redis:/)
  await expectBroken(await doctor([`http://127.0.0.1:${server.port}`, '--token', 'any']), 'ping', /not an Upstash REST server/, /host and port/)
})

test('the scheme that asks for TLS where there is none, and the other way round', async () => {
  await using plain = await startRedis()
  await using secure = await startRedis({ tls: true })
  await expectBroken(
    await doctor([plain.url.replace('redis:', 'rediss:')]),
    'tls',
    /no TLS here: a plain Redis answers/,
    /Write redis: instead of rediss:/,
  )
  await expectBroken(await doctor([secure.url.replace('rediss:', 'redis:')]), 'ping', /a TLS server answers on this port/, /Write rediss:/)
})

test('a certificate that nobody signed, one that has expired, and one for another name', async () => {
  const [expired, elsewhere] = [await certificateFor('localhost', -1), await certificateFor('cache.example', 90)]
  await using unknown = await startRedis({ tls: true })
  await using first = await listening(createTlsServer(expired))
  await using second = await listening(createTlsServer(elsewhere))
  await using trusted = await temporaryFile('certificates.pem', [expired.cert, elsewhere.cert].join('\n'))
  const env = { NODE_EXTRA_CA_CERTS: trusted.path }
  await expectBroken(await doctorProgram([unknown.url]), 'tls', /nobody this machine trusts signed.*SELF_SIGNED/, /NODE_EXTRA_CA_CERTS.*--ca/)
  await expectBroken(await doctorProgram([`rediss://localhost:${first.port}`], env), 'tls', /expired on \d{4}-\d\d-\d\d/, /Renew it/)
  await expectBroken(await doctorProgram([`rediss://localhost:${second.port}`], env), 'tls', /is for cache\.example, not for localhost/, /servername/)
})

test('Upstash with a bad token, without one, and with one that may only read', async () => {
  await using upstash = await startUpstash({ readOnlyToken: 'reader' })
  const bad = await doctor([upstash.url, '--token', 'bad'])
  await expectBroken(bad, 'token', /the token was refused \(HTTP 401\)/, /REST token of this very database/)
  expectSkipped(bad, 'token')
  await expectBroken(await doctor([upstash.url]), 'parse', /token: required/, /UPSTASH_REDIS_REST_TOKEN/)
  await expectBroken(await doctor([upstash.url, '--token', 'reader']), 'probe key', /may not do that.*NOPERM/, /ACL/)
})

const GATEWAY_FAULTS: readonly (readonly [GatewayFault, RegExp, RegExp])[] = [
  ['noHeaders', /accepts the connection, and does not answer/, /overloaded/],
  ['500', /in trouble \(HTTP 500\)/, /status page/],
  ['429', /too many requests/, /limits of the plan/],
  ['html', /not an Upstash REST server/, /host and port/],
  ['redirect', /redirects elsewhere/, /nothing was sent on/],
  ['reset', /hangs up/, /https:/],
]

test.for(GATEWAY_FAULTS)('a gateway in trouble: %s', async ([fault, finding, hint]) => {
  await using upstash = await startUpstash()
  upstash.set(fault)
  await expectBroken(await doctorProgram([], upstash.env), 'ping', finding, hint)
})

test('a replica, a full Redis and a cluster refuse the probe key, each with its own advice', async () => {
  await using primary = await startRedis()
  await using replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(primary.port), '--replica-serve-stale-data', 'yes'] })
  await using full = await startRedis({ args: ['--maxmemory', '1'] })
  await using cluster = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'] })
  const visits = [await doctor([replica.url]), await doctor([full.url]), await doctor([cluster.url])]
  expect(visits.map(({ exitCode }) => exitCode)).toEqual([1, 1, 1])
  expect(visits.map((visit) => visit.step('probe key')?.finding)).toEqual([
    expect.stringContaining('READONLY'),
    expect.stringContaining('OOM'),
    expect.stringContaining('CLUSTERDOWN'),
  ])
  expect(visits.map((visit) => visit.step('probe key')?.hint)).toEqual([
    'Use the address of the primary',
    expect.stringContaining('allkeys-lru'),
    expect.stringContaining('CLUSTER INFO'),
  ])
  expect(visits[2]?.step('cluster')).toMatchObject({ status: 'failed', finding: expect.stringContaining('not all slots') })
})

test('a cluster whose only node holds all slots will do', async () => {
  await using redis = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-config-file', 'nodes.conf'] })
  const setUp = tcp(redis.url).open()
  await setUp.send([['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']], Date.now() + 2_000)
  // The state follows within a moment.
  for (let tries = 0; tries < 100; tries++) {
    const [info] = await setUp.send([['CLUSTER', 'INFO']], Date.now() + 2_000)
    if (String(info).includes('cluster_state:ok')) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  setUp.close()
  const visit = await doctor([redis.url])
  expect([visit.exitCode, visit.step('cluster')?.finding]).toEqual([0, 'cluster mode with one node that holds all keys'])
})

test('no room for one more client, and a database that is not there', async () => {
  await using crowded = await startRedis({ maxclients: 1 })
  const guest = tcp(crowded.url).open()
  await guest.send([['PING']], Date.now() + 2_000)
  await expectBroken(await doctor([crowded.url]), 'ping', /takes no more clients/, /maxclients/)
  guest.close()
  await using redis = await startRedis()
  await expectBroken(await doctor([`${redis.url}/99`]), 'ping', /Redis answered with an error/, /number of the database/)
})

test.for([
  ['localhost:6379', /cannot be parsed|scheme/, /redis:\/\//],
  ['not a url', /cannot be parsed/, /Expected redis:\/\//],
  ['mysql://localhost', /a scheme that no transport knows/, /Expected redis:\/\//],
  ['redis://localhost/seven', /the path names the database/, /Expected redis:\/\//],
] as const)('a URL that is none: %s', async ([url, finding, hint]) => {
  const visit = await doctor([url])
  await expectBroken(visit, 'parse', finding, hint)
  expect(visit.steps.slice(1).every(({ status }) => status === 'skipped')).toBe(true)
})

test('nothing to examine: neither a URL nor an environment', async () => {
  await expectBroken(await doctorProgram([]), 'parse', /no Redis is configured/, /fastmiss doctor redis:\/\/localhost:6379/)
})

test('Ctrl-C ends it at once, in the middle of a wait', async () => {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  await proxy.set('silent')
  await using running = start(['doctor', proxy.url, '--timeout', '60000'], NO_ENVIRONMENT)
  await running.until(/connect/)
  await proxy.until(({ open, requestBytes }) => open > 0 && requestBytes > 0)
  const interruptedAt = performance.now()
  expect((await running.end('SIGINT')).exitCode).toBe(130)
  expect(performance.now() - interruptedAt).toBeLessThan(1_000)
  await proxy.until(({ open }) => open === 0)
})
