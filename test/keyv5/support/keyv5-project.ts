import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as Fastmiss from 'fastmiss'
import type * as FastmissKeyv from 'fastmiss/keyv'
import type * as Keyv6 from 'keyv'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** Where Keyv 5 and what is built on it are installed, apart from the Keyv 6 of this package. */
const PEERS = join(ROOT, 'test/peers/node_modules')

/** As far as the tests use it: cacheable 2. */
export interface CacheableLike {
  get<Value>(key: string): Promise<Value | undefined>
  set(key: string, value: unknown, ttl?: number): Promise<boolean>
  delete(key: string): Promise<boolean>
  has(key: string): Promise<boolean>
  getOrSet<Value>(key: string, load: () => Promise<Value>, options?: object): Promise<Value | undefined>
  disconnect(): Promise<void>
  on(event: 'error', listener: (error: unknown) => void): unknown
  readonly primary: { clear(): Promise<void> }
}

/** As far as the tests use it: cache-manager 7. */
export interface ManagedCache {
  get<Value>(key: string): Promise<Value | undefined>
  set(key: string, value: unknown, ttl?: number): Promise<unknown>
  mget<Value>(keys: readonly string[]): Promise<(Value | undefined)[]>
  mset(entries: readonly { readonly key: string; readonly value: unknown }[]): Promise<unknown>
  del(key: string): Promise<boolean>
  wrap<Value>(key: string, load: () => Promise<Value>, ttl?: number): Promise<Value>
  clear(): Promise<boolean>
}

/** As far as the tests use it: the dependency injection of NestJS with its cache module. */
export interface Nest {
  readonly NestFactory: {
    createApplicationContext(module: object, options: object): Promise<{ get(token: unknown): ManagedCache; close(): Promise<void> }>
  }
  readonly CacheModule: { register(options: object): object }
  readonly CACHE_MANAGER: unknown
}

/** Everything as a project with Keyv 5 sees it. */
export interface Keyv5Project {
  readonly core: typeof Fastmiss
  readonly fastmiss: typeof FastmissKeyv
  /** Keyv 5, whose types are near enough to those of Keyv 6. */
  readonly Keyv: new (options: object) => Keyv6.Keyv
  readonly redis: {
    readonly createKeyv: (url: string, options?: object) => Keyv6.Keyv
    readonly default: new (url: string, options?: object) => object
  }
  readonly Cacheable: new (options: object) => CacheableLike
  readonly createCache: (options: object) => ManagedCache
  readonly nest: Nest
  /** `@keyv/test-suite`: takes vitest itself, Keyv and a maker of stores. */
  readonly suite: {
    readonly default: (vitest: object, keyv: unknown, store: () => object) => void
    readonly keyvIteratorTests: (vitest: object, keyv: unknown, store: () => object) => void
  }
}

const ENTRY = `
export * as core from 'fastmiss'
export * as fastmiss from 'fastmiss/keyv'
export { Keyv } from 'keyv'
export * as redis from '@keyv/redis'
export { Cacheable } from 'cacheable'
export { createCache } from 'cache-manager'
export * as suite from '@keyv/test-suite'
import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { CACHE_MANAGER, CacheModule } from '@nestjs/cache-manager'
export const nest = { NestFactory, CACHE_MANAGER, CacheModule }
`

/**
 * A project in which this package is installed beside Keyv 5, as a user has it: its `keyv` is then Keyv 5, where in this
 * repository it is Keyv 6.
 */
export async function loadKeyv5Project(): Promise<Keyv5Project & { readonly folder: string } & AsyncDisposable> {
  if (!existsSync(PEERS)) throw new Error('Keyv 5 is not installed beside the tests. Run: npm run peers')
  const folder = await mkdtemp(join(tmpdir(), 'fastmiss-keyv5-'))
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'fastmiss'), { recursive: true })
  await cp(join(ROOT, 'package.json'), join(modules, 'fastmiss/package.json'))
  await cp(join(ROOT, 'dist'), join(modules, 'fastmiss/dist'), { recursive: true })
  for (const name of ['@redis', '@upstash']) await link(join(ROOT, 'node_modules', name), join(modules, name))
  for (const name of ['keyv', '@keyv', 'cacheable', 'cache-manager', '@nestjs', 'reflect-metadata'])
    await link(join(PEERS, name), join(modules, name))
  const entry = join(modules, 'entry/index.mjs')
  await mkdir(dirname(entry))
  await writeFile(entry, ENTRY)
  // What Node loads is what ENTRY exports; the types above are all that the tests use of it.
  const project = (await import(pathToFileURL(entry).href)) as Keyv5Project
  return { ...project, folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

async function link(target: string, path: string): Promise<void> {
  await symlink(target, path, 'dir')
}
