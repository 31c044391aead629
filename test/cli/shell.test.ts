import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fastmiss } from './support/cli.ts'

const { version, devDependencies: pinned } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  version: string
  devDependencies: Readonly<Record<string, string>>
}

test('--version, which names the driver in the package too, and --help answer on standard output, with 0', async () => {
  expect(await fastmiss('--version')).toEqual({
    stdout: `${version} (node-redis ${pinned['@redis/client']})\n`,
    stderr: '',
    exitCode: 0,
    signal: null,
  })
  const { stdout, stderr, exitCode } = await fastmiss('--help')
  expect([stderr, exitCode]).toEqual(['', 0])
  expect(stdout).toMatch(/^Usage: fastmiss /)
  expect(stdout).toContain('Exit codes:')
})

test('nothing to do is answered with the help, on standard error, with 2', async () => {
  const { stdout, stderr, exitCode } = await fastmiss()
  expect([stdout, exitCode]).toEqual(['', 2])
  expect(stderr).toMatch(/^Usage: fastmiss /)
})

test('an option that does not exist is named in a sentence, with 2', async () => {
  const { stdout, stderr, exitCode } = await fastmiss('--no-such-option')
  expect([stdout, exitCode]).toEqual(['', 2])
  expect(stderr).toBe("unknown option '--no-such-option'\nTry: fastmiss --help\n")
})

test('a URL where a command belongs is not shown, since it may hold a password', async () => {
  for (const url of ['redis://planted-user:planted-pass@host:6379', 'planted-user:planted-pass@host', 'https://host/?_token=planted']) {
    const { stdout, stderr, exitCode } = await fastmiss(url)
    expect([stdout, exitCode]).toEqual(['', 2])
    expect(stderr).toMatch(/^unknown command '\w*:?…'\nTry: fastmiss --help\n$/)
    expect(stderr).not.toContain('planted')
  }
})

test.each([
  [['planted'], "unknown command '…'"],
  [['doctr'], "unknown command '…'\n(Did you mean doctor?)"],
  [['-pPlanted'], "unknown option '-p…'"],
  [['--PLANTED'], "unknown option '--…'"],
  [['--planted1=x'], "unknown option '--…=…'"],
  [['dev', '--port', 'xPLANTED'], "option '--port <number>' argument '…' is invalid"],
  [['dev', '--port=xPLANTED'], "option '--port <number>' argument '…' is invalid"],
  [['dev', '-pPLANTED'], "unknown option '-p…'"],
  [['dev', '-p=PLANTED'], "unknown option '-p=…'"],
  [['dev', '--tokenplanted'], "unknown option '--token…'"],
  [['dev', '--port', '0', '--tokken', 'planted'], "unknown option '--tokken'\n(Did you mean --token?)"],
  [['doctor', '--timeout', 'planted'], "option '--timeout <ms>' argument '…' is invalid"],
  [['doctor', '--namespace', 'planted::planted'], "option '--namespace <name>' argument '…' is invalid"],
  [['doctor', 'redis://localhost', 'planted'], 'too many arguments'],
  [['doctor', '--ca', 'planted.pem'], '--ca: the file cannot be read'],
  [['drill', '--faults', 'silent,planted'], '--faults: there is no such fault as the one in place 2'],
  [['drill', '--cooldown', '-planted'], "option '--cooldown <ms>' argument '-p…' is invalid"],
])('what was mistyped is not quoted, since it may be a secret: %j', async (args, sentence) => {
  const { stdout, stderr, exitCode } = await fastmiss(...args)
  expect([stdout, exitCode]).toEqual(['', 2])
  expect(stderr).toContain(sentence)
  expect(stderr).not.toMatch(/planted/i)
})
