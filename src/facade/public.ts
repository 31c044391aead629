export { CacheError, type CacheErrorJson, type Phase, type Reason, type ScrubbedCause } from '../errors.ts'
export type { CacheEvent, Operation } from '../options/events.ts'
export type { Command, Connection, Reply, Transport } from '../transport/transport.ts'
export type { CacheOperations } from './operations.ts'
export type { Cache, CacheOptions, Invocation } from './types.ts'
export type {
  CacheDegraded,
  CacheHit,
  CacheMiss,
  CacheResult,
  CallOptions,
  ClearCallOptions,
  CreateClient,
  Credentials,
  ExpireOptions,
  Health,
  InvocationOptions,
  KeyList,
  KeysOptions,
  Limits,
  MemoryOptions,
  ReadOptions,
  Serializer,
  SetEntry,
  SetOptions,
} from '../options/types.ts'
export type { SchemaIssue, SchemaOutput, SchemaResult, StandardSchema } from '../wrap/standard-schema.ts'
export type {
  Loader,
  LoaderContext,
  LoaderTimeout,
  ManyLoaded,
  ManyLoader,
  ManyLoaderContext,
  Wrapped,
  WrapManyOptions,
  WrapOptions,
} from '../wrap/types.ts'
