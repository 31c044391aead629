import { readFile } from 'node:fs/promises'
import { type CacheOptions, createCache } from 'fastmiss'
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
