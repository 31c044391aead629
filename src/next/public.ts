/** What both entries export beside the two functions. */
export { CacheError } from '../errors.ts'
export type {
  CacheControl,
  GetContext,
  HandlerContext,
  HandlerValue,
  IncrementalHandler,
  IncrementalHandlerClass,
  IncrementalValue,
  NextOptions,
  NextOptionsGiven,
  NextSettings,
  SetContext,
  UseCacheEntry,
  UseCacheHandler,
} from './types.ts'
