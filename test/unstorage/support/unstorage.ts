import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { FastmissDriver } from 'fastmiss/unstorage'

/** What the tests use of a storage of unstorage. */
export interface Storage {
  hasItem(key: string): Promise<boolean>
  getItem(key: string): Promise<unknown>
  getItems(items: readonly (string | { key: string })[]): Promise<{ key: string; value: unknown }[]>
  getItemRaw(key: string): Promise<unknown>
  setItem(key: string, value: unknown, options?: object): Promise<void>
  setItems(items: readonly { key: string; value: unknown; options?: object }[], options?: object): Promise<void>
  setItemRaw(key: string, value: unknown, options?: object): Promise<void>
  removeItem(key: string, options?: object): Promise<void>
  getMeta(key: string, options?: object): Promise<Record<string, unknown>>
  setMeta(key: string, value: object): Promise<void>
  getKeys(base?: string, options?: object): Promise<string[]>
  clear(base?: string): Promise<void>
  mount(base: string, driver: FastmissDriver): Storage
  dispose(): Promise<void>
}

interface Unstorage {
  createStorage(options: { driver: FastmissDriver }): Storage
  prefixStorage(storage: Storage, base: string): Storage
  snapshot(storage: Storage, base: string): Promise<Record<string, unknown>>
  restoreSnapshot(storage: Storage, snapshot: Record<string, unknown>, base?: string): Promise<void>
}

/** The real one, of the packages beside the tests. */
export const unstorage: Unstorage = await load('unstorage')

/** What the tests use of ocache, the cached functions of Nitro 3 and h3. */
interface Ocache {
  defineCachedFunction<Value>(load: (key: string) => Promise<Value>, options: object): (key: string) => Promise<Value>
}

export const ocache: Ocache = await load('ocache')

/** @returns what the tests use of it, which is all that the type says */
async function load<Module>(name: string): Promise<Module> {
  const require = createRequire(new URL('../../peers/package.json', import.meta.url))
  return (await import(pathToFileURL(require.resolve(name)).href)) as Module
}
