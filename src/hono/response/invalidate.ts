import type { Context } from 'hono'
import { invalidatedGroups } from '../../http/groups.ts'
import { invalidatedUrls } from '../../http/invalidate.ts'
import { keyText, originOf } from '../../http/key.ts'
import { internalsOf } from '../../facade/internals.ts'
import type { CacheOperations } from '../../facade/operations.ts'
import { askKey } from './ask-option.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { forget } from './forget.ts'
import type { ResponseMemo } from './memo.ts'

/** A reply to a method that may change something makes what is stored invalid (RFC 9111 §4.4), before the client has it. */
export async function invalidateBy(c: Context, cache: CacheOperations, options: ResolvedOptions, memo: ResponseMemo): Promise<void> {
  const context = internalsOf(cache)
  const { url } = c.req.raw
  const { status, headers } = c.res
  const resources = invalidatedUrls(url, status, headers).flatMap((one) => memo.resource(context, one) ?? [])
  if (resources.length === 0) return
  const texts = resources.map(({ text }) => text)
  const [own] = resources
  const key = askKey(options, context, c)
  if (own !== undefined && typeof key === 'string') texts.push(keyText(context.options.keys.prefix, own.target, { key }))
  const groups = own === undefined ? [] : invalidatedGroups(headers, originOf(own.target))
  await Promise.all([forget(cache, texts, memo.hash), groups.length > 0 && cache.invalidateTags(groups)])
}
