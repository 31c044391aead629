import type { FetchCache } from '../../options/types.ts'
import type { CacheError } from '../../errors.ts'
import { readBody } from './body.ts'
import type { Exchange } from './connection.ts'
import { isReset, protocolError, statusError, toItemError } from './errors.ts'
import type { HttpAnswer, HttpRequest, Requester } from './request.ts'
import type { Command, Reply } from '../transport.ts'

/** Where requests go. It belongs to the transport: configuration, and one thing remembered. */
export interface Endpoint {
  readonly url: string
  readonly authorization: string
  readonly maxReplyBytes: number
  readonly requester: Requester
  readonly fetchCache: FetchCache
  /** Whether an answer ever came, so that the runtime may hold a connection from before, dead by now. */
  hasAnswered: boolean
}

/**
 * Upstash's REST protocol: a pipeline is one POST of a JSON array, answered by one.
 *
 * @returns one for an invocation: Upstash gives a token with each answer, by which the next request sees what was written before
 */
export function restExchange(endpoint: Endpoint): Exchange {
  let syncToken: string | undefined

  return async (commands, signal, onProgress) => {
    const response = await sendTwiceAtMost(endpoint, {
      headers: {
        authorization: endpoint.authorization,
        'content-type': 'application/json',
        ...(syncToken === undefined ? {} : { 'upstash-sync-token': syncToken }),
      },
      body: JSON.stringify(commands),
      signal,
      cache: endpoint.fetchCache,
      isFresh: false,
    })
    const failure = statusError(response)
    if (failure !== undefined) throw failure
    const text = await readBody(response, endpoint.maxReplyBytes, onProgress)
    syncToken = response.headers.get('upstash-sync-token') ?? syncToken
    return toReplies(parse(text), commands)
  }
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

/** @param answer what `/pipeline` answered. @throws CacheError where it is of another shape */
export function toReplies(answer: unknown, commands: readonly Command[]): readonly Reply[] {
  if (!Array.isArray(answer) || answer.length !== commands.length) throw protocolError('an answer of an unexpected shape')
  return answer.map(toReply)
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
