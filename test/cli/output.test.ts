import { expect, test } from 'vitest'
import { createPatience } from '../../src/cli/doctor/patience.ts'
import { createResultPrinter } from '../../src/cli/doctor/print-result.ts'
import { clock } from '../../src/cli/doctor/steps/clock.ts'
import { readTarget } from '../../src/cli/doctor/target.ts'
import { trust } from '../../src/cli/trust.ts'
import type { Connection, Reply } from '../../src/transport/transport.ts'
import { start } from './support/cli.ts'
import { NO_ENVIRONMENT } from './support/doctor.ts'
import { temporaryFile } from './support/temporary-file.ts'

test('what a server says is a part of one line: it draws nothing, and no line of its own', () => {
  const written: string[] = []
  const out = {
    isTerminal: true,
    columns: 80,
    line: (text = '') => void written.push(text),
    write: () => {},
    paint: (_: unknown, text: string) => text,
  }
  const printer = createResultPrinter(out)
  const said = 'volatile\u001B[2K\u001B]0;title\u0007\r\n✓ cluster \u202E\u009B31mall is well'
  printer.print({ step: 'memory', status: 'ok', finding: said, hint: said })
  printer.print({ step: 'clock', status: 'skipped', finding: `${said}${'x'.repeat(100_000)}` })
  printer.end()
  expect(written).toHaveLength(3)
  for (const line of written) {
    expect(line).not.toMatch(/[\p{Cc}\u202E]/u)
    expect(line).toMatch(/volatile \[2K \]0;title ✓ cluster +31mall is well/)
    expect(line.length).toBeLessThan(1_200)
  }
})

test('a server that tells no time is not said to have the same', async () => {
  const target = readTarget({ url: 'redis://localhost' }, {})
  const found = (reply: Reply) => {
    const connection: Connection = { isUsable: true, close: () => {}, send: async () => [reply] }
    return clock.run({ target, patience: createPatience(1_000), facts: { connection }, onEnd: () => {} })
  }
  for (const reply of [['abc', '1'], ['1', 'abc'], ['5'], 7, null]) {
    expect(await found(reply)).toEqual({ status: 'skipped', finding: 'the server does not tell (unexpected answer)' })
  }
})

test('a file without a certificate is refused: nobody would be trusted by it', async () => {
  await using empty = await temporaryFile('empty.pem')
  await using key = await temporaryFile('key.pem', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n')
  await expect(trust(empty.path)).rejects.toThrow('--ca: the file cannot be read as a PEM certificate')
  await expect(trust(key.path)).rejects.toThrow('--ca: the file cannot be read as a PEM certificate')
})

test('a doctor whom nobody reads to the end still tells by its exit code what it found', async () => {
  await using broken = start(['doctor', 'redis://127.0.0.1:1'], NO_ENVIRONMENT)
  broken.hangUp()
  await using well = start(['doctor', 'memory:'], NO_ENVIRONMENT)
  well.hangUp()
  expect(await broken.outcome).toMatchObject({ exitCode: 1, stderr: 'Broken: connect\n' })
  expect(await well.outcome).toMatchObject({ exitCode: 0, stderr: '' })
})

test.runIf(process.platform === 'linux')('an output that cannot be written is told in a sentence, with 1', async () => {
  await using full = start(['-c', 'exec fastmiss doctor memory: > /dev/full'], NO_ENVIRONMENT, '/bin/sh')
  expect(await full.outcome).toMatchObject({ exitCode: 1, stderr: 'fastmiss: standard output cannot be written (ENOSPC)\n' })
})
