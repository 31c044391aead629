import * as fc from 'fast-check'
import type { TestFault } from 'fastmiss/testing'

/** What a loader does in a step. */
export type LoaderKind = 'value' | 'null' | 'undefined' | 'throws' | 'doNotStore' | 'invalidates'

/** Options of a step that reads through; each absent where undefined. */
export interface WrapStep {
  readonly op: 'wrap'
  readonly key: string
  readonly ttl: number
  readonly swr: number
  readonly staleIfError: number
  readonly negativeTtl: number | undefined
  readonly tags: readonly string[]
  readonly loader: LoaderKind
  /** In an invocation, and behind waitUntil. */
  readonly where: 'root' | 'invocation' | 'waitUntil'
}

export type Step =
  | { readonly op: 'get' | 'lookup' | 'has' | 'delete'; readonly key: string }
  | { readonly op: 'getMany' | 'wrapMany'; readonly ttl: number; readonly tags: readonly string[] }
  | { readonly op: 'set'; readonly key: string; readonly ttl: number; readonly tags: readonly string[] }
  | { readonly op: 'invalidate'; readonly tags: readonly string[] }
  | { readonly op: 'clear' | 'mend' }
  | { readonly op: 'advance'; readonly ms: number }
  | { readonly op: 'fail'; readonly fault: TestFault; readonly only: 'reads' | 'writes' | undefined; readonly times: number | undefined }
  | WrapStep

/** Few, so that steps meet each other. One looks like a reserved or foreign key. */
export const KEYS = ['a', 'a::b', ':!'] as const
export const TAGS = ['t', 'u'] as const

const key = fc.constantFrom(...KEYS)
const tags = fc.subarray([...TAGS])
const ttl = fc.constantFrom(1, 100, 1_000, 1_000, 60_000)
const window = fc.constantFrom(0, 500, 120_000, 120_000)

/** One step at random. Reads through are the most frequent: they are what is being tested. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      op: fc.constant('wrap' as const),
      key,
      ttl,
      swr: window,
      staleIfError: window,
      negativeTtl: fc.constantFrom(undefined, 300),
      tags,
      loader: fc.constantFrom<LoaderKind>('value', 'value', 'value', 'null', 'undefined', 'throws', 'doNotStore', 'invalidates'),
      where: fc.constantFrom('root' as const, 'invocation' as const, 'waitUntil' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ op: fc.constantFrom('get' as const, 'lookup' as const, 'has' as const), key }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('getMany' as const, 'wrapMany' as const), ttl, tags }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('set' as const), key, ttl, tags }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), key }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('invalidate' as const), tags: fc.subarray([...TAGS], { minLength: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('clear' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ op: fc.constant('advance' as const), ms: fc.constantFrom(0, 1, 99, 100, 450, 900, 1_000, 1_100, 10_500, 60_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('fail' as const),
      fault: fc.constantFrom<TestFault>('timeout', 'unreachable', 'auth', 'protocol', 'reply'),
      only: fc.constantFrom(undefined, 'reads' as const, 'writes' as const),
      times: fc.constantFrom(undefined, 1, 2),
    }),
  },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('mend' as const) }) },
)
