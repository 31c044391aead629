import { readFile } from 'node:fs/promises'
import { type CacheOptions, createCache } from 'fastmiss'
import { startRedis } from 'fastmiss/testing'
import { describe, expect, test } from 'vitest'
import { resolveOptions } from '../../src/hono/response/resolve-options.ts'
import { table } from './support/table.ts'

/** What stands in backticks in the first column, a call by its name. */
function namesIn(rows: readonly (readonly string[])[]): string[] {
  return rows.flatMap(([cell = '']) => [...cell.matchAll(/`(\w+)/g)].map(([, name = '']) => name)).toSorted()
}

describe('docs/options.md', () => {
  test('the table of options names each that there is, and no other', async () => {
    const wrong: object = { wrong: 1 }
    const refused = (async () => createCache(wrong as CacheOptions))()
    const [, known = ''] = /Known: (.*)$/.exec(await refused.then(String, String)) ?? []
    expect(namesIn(await table('docs/options.md', 'options'))).toEqual(known.split(', ').toSorted())
  })

  test('the table of calls names each that there is, and no other', async () => {
    expect(namesIn(await table('docs/options.md', 'calls'))).toEqual(Object.keys(createCache({ url: 'memory:' })).toSorted())
  })

  test('the table of reasons names each that there is, and no other', async () => {
    const [, union = ''] = /export type Reason =(.*?)\n\n/s.exec(await readFile('src/errors.ts', 'utf8')) ?? []
    const known = [...union.matchAll(/'(\w+)'/g)].map(([, name = '']) => name)
    expect(namesIn(await table('docs/options.md', 'reasons'))).toEqual(known.toSorted())
  })

  test('the reasons of the three mistakes with TLS are those that the table of reasons names them under', async () => {
    await using secure = await startRedis({ tls: true })
    await using plain = await startRedis()
    const reasonOf = async (url: string): Promise<unknown> => {
      const found = await createCache({ url, timeout: 1_000 }).lookup('key')
      return found.status === 'degraded' && found.reason
    }
    const mistakes = [secure.url.replace('rediss:', 'redis:'), secure.url, plain.url.replace('redis:', 'rediss:')]
    expect(await Promise.all(mistakes.map(reasonOf))).toEqual(['unreachable', 'protocol', 'timeout'])
    const rows = await table('docs/options.md', 'reasons')
    const row = (reason: string): string => rows.find(([name]) => name === `\`${reason}\``)?.join(' ') ?? ''
    expect([row('unreachable'), row('protocol'), row('timeout')]).toEqual([
      expect.stringContaining('`redis:` at a port for TLS'),
      expect.stringContaining('TLS failed'),
      expect.stringContaining('`rediss:` leads to a port without TLS'),
    ])
  })
})

describe('docs/response-cache.md', () => {
  test('the table of options names each that there is, and no other', async () => {
    const types = await readFile('src/hono/response-cache-options.ts', 'utf8')
    const known = [...types.matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name)
    expect(namesIn(await table('docs/response-cache.md', 'options'))).toEqual(known.toSorted())
  })

  test('its numbers are the defaults', async () => {
    const rows = (await table('docs/response-cache.md', 'options')).filter(([, value = '']) => /^[\d,]+$/.test(value))
    const told = rows.map(([name = '', value = '']) => [name.replaceAll('`', ''), Number(value.replaceAll(',', ''))])
    expect(Object.keys(Object.fromEntries(told))).toEqual(['maxBodyBytes', 'maxHeaderBytes', 'maxVariants', 'keep', 'collapse'])
    expect(resolveOptions({})).toMatchObject(Object.fromEntries(told) as object)
  })
})
