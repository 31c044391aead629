import { expect, test } from 'vitest'
import { faultProxy, startRedis, startUpstash } from 'fastmiss/testing'
import { start } from './support/cli.ts'
import { doctorHere, NO_ENVIRONMENT } from './support/doctor.ts'

const PLANTED = /planted/i

/** For people, and as JSON, which holds all that the other form is made of. */
const FORMATS = [[], ['--json']]

/** Everything it wrote. @param env of a process of its own; undefined: it runs in this one */
async function saidOf(
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
  formats: readonly (readonly string[])[] = FORMATS,
): Promise<string> {
  const parts = formats.map(async (format) => {
    if (env === undefined) return textOf(await doctorHere([...args, ...format]))
    await using running = start(['doctor', ...args, ...format], { ...NO_ENVIRONMENT, ...env })
    return textOf(await running.outcome)
  })
  const said = (await Promise.all(parts)).join('')
  expect(said.length).toBeGreaterThan(200)
  return said
}

function textOf({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  return stdout + stderr
}

test('no user name, password, token or path of a URL is ever printed, healthy or broken', async () => {
  await using redis = await startRedis({ password: 'planted-password', args: ['--user', 'planted-user', 'on', '>planted-secret', '~*', '+@all'] })
  await using upstash = await startUpstash({ token: 'planted-token' })
  await using proxy = await faultProxy({ target: redis.url })
  const at = `127.0.0.1:${redis.port}`
  expect(await saidOf([redis.url])).not.toMatch(PLANTED)
  expect(await saidOf([`redis://planted-user:planted-secret@${at}`])).not.toMatch(PLANTED)
  expect(await saidOf([`redis://planted-user:planted-wrong@${at}`])).not.toMatch(PLANTED)
  expect(await saidOf([`rediss://planted-user:planted-secret@${at}`])).not.toMatch(PLANTED)
  expect(await saidOf([], { REDIS_URL: redis.url })).not.toMatch(PLANTED)
  expect(await saidOf([upstash.url, '--token', 'planted-token'])).not.toMatch(PLANTED)
  expect(await saidOf([upstash.url, '--token', 'planted-bad'])).not.toMatch(PLANTED)
  expect(await saidOf([], { UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: 'planted-bad' })).not.toMatch(PLANTED)
  expect(await saidOf([`https://planted-user:planted-secret@${at}`, '--token', 'planted-token'])).not.toMatch(PLANTED)
  for (const fault of ['refuse', 'silent', 'garbage', 'halfReply'] as const) {
    await proxy.set(fault)
    expect(await saidOf([proxy.url])).not.toMatch(PLANTED)
  }
}, 60_000)

test.concurrent.for([
  ['redis://planted-user:planted#pass@host:6379'],
  ['redis://planted-user:planted/pass@host:6379'],
  ['redis://planted-user:planted?pass@host:6379'],
  // Here a plain parser takes the user for the host and the beginning of the password for the port.
  ['redis://planted-user:12#34@host:6379'],
  ['redis://planted-user:12/34@host:6379'],
  ['redis://planted-user:12?34@host:6379'],
  ['planted-user:planted-pass@host:6379'],
  ['redis://planted-user:planted%pass@host:6379'],
  ['https://planted-user:12#34@host'],
  ['rediss://host:6379/0?password=planted'],
  ['rediss://host:6379/planted'],
  ['https://host/planted?_token=planted'],
] as const)('nothing of a URL that was cut in the wrong place is printed: %s', async ([url]) => {
  // A process of its own: a name that no server knows may hold the system's look-ups for long, and all others of this process behind it.
  expect(await saidOf([url], {}, [['--json']])).not.toMatch(PLANTED)
})
