import type { CacheError } from '../../errors.ts'
import { readBody } from './body.ts'
import { isReset, protocolError, statusError, toItemError } from './errors.ts'
import type { HttpAnswer, HttpRequest, Requester } from './request.ts'
import type { Reply } from '../transport.ts'

/** Where requests go. It belongs to the transport: configuration, and one thing remembered. */
export interface Endpoint {
  readonly url: string
  readonly authorization: string
  readonly maxReplyBytes: number
  readonly requester: Requester
  /** Whether an answer ever came, so that the runtime may hold a connection from before, dead by now. */
  hasAnswered: boolean
}

/** One request. */
export interface Exchange {
  /** The commands, each as JSON. */
  readonly part: readonly string[]
  /** What Upstash gave with the answer before, so that a write is seen by the read after it. */
  readonly syncToken: string | undefined
  readonly signal: AbortSignal
}

/** @returns one reply a command. @throws CacheError, or whatever the requester throws, where the request as a whole failed */
export async function fetchReplies(
  endpoint: Endpoint,
  { part, syncToken, signal }: Exchange,
): Promise<{ readonly replies: readonly Reply[]; readonly syncToken: string | undefined }> {
  const response = await sendTwiceAtMost(endpoint, {
    headers: {
      authorization: endpoint.authorization,
      'content-type': 'application/json',
      ...(syncToken === undefined ? {} : { 'upstash-sync-token': syncToken }),
    },
    body: `[${part.join(',')}]`,
    signal,
    isFresh: false,
  })
  const failure = statusError(response)
  if (failure !== undefined) throw failure
  const text = await readBody(response, endpoint.maxReplyBytes)
  return { replies: toReplies(text, part.length), syncToken: response.headers.get('upstash-sync-token') ?? undefined }
}

/**
 * A pooled connection that the other side closed meanwhile is found out by using it. All our commands may be run twice.
 * Where none can be pooled there is no second try: a server that resets everything sees one request.
 */
async function sendTwiceAtMost(endpoint: Endpoint, request: HttpRequest): Promise<HttpAnswer> {
  const mayBePooled = endpoint.hasAnswered
  try {
    return await sendOnce(endpoint, request)
  } catch (error) {
    if (!mayBePooled || request.signal.aborted || !isReset(error)) throw error
    endpoint.hasAnswered = false
    return sendOnce(endpoint, { ...request, isFresh: true })
  }
}

async function sendOnce(endpoint: Endpoint, request: HttpRequest): Promise<HttpAnswer> {
  const response = await endpoint.requester.send(endpoint.url, request)
  endpoint.hasAnswered = true
  return response
}

function toReplies(text: string, count: number): readonly Reply[] {
  const items = parse(text)
  if (!Array.isArray(items) || items.length !== count) throw protocolError('an answer of an unexpected shape')
  return items.map(toReply)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message quotes the text.
    throw protocolError('an answer that is not JSON')
  }
}

function toReply(item: unknown): Reply {
  if (typeof item === 'object' && item !== null) {
    if ('error' in item && typeof item.error === 'string') return toItemError(item.error)
    if ('result' in item && isReply(item.result)) return item.result
  }
  throw protocolError('an answer of an unexpected shape')
}

function isReply(value: unknown): value is Exclude<Reply, CacheError> {
  return value === null || typeof value === 'string' || typeof value === 'number' || (Array.isArray(value) && value.every(isReply))
}
