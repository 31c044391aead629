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
