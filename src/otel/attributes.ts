import type { Attributes } from '@opentelemetry/api'

// Semantic conventions 1.45: https://opentelemetry.io/docs/specs/semconv/db/. There are none for caches (semantic-conventions#1747).
const SYSTEM = 'db.system.name'
export const OPERATION = 'db.operation.name'
export const BATCH_SIZE = 'db.operation.batch.size'
export const POOL = 'db.client.connection.pool.name'
export const ERROR_TYPE = 'error.type'
const SERVER_ADDRESS = 'server.address'
const SERVER_PORT = 'server.port'

// Ours.
export const RESULT = 'fastmiss.result'
export const SOURCE = 'fastmiss.source'
export const REASON = 'fastmiss.reason'
export const PHASE = 'fastmiss.phase'
const TRANSPORT = 'fastmiss.transport'
export const NAMESPACE = 'fastmiss.namespace'
export const GROUP = 'fastmiss.key.group'
/** Of a span: what the operation read from Redis and wrote to it. */
export const READ_BYTES = 'fastmiss.read.bytes'
export const WRITTEN_BYTES = 'fastmiss.written.bytes'
/** Of a measurement: `read` or `write`. */
export const DIRECTION = 'fastmiss.io.direction'
export const SHARED = 'fastmiss.load.shared'

/** What is instrumented. */
export interface Target {
  readonly transport: string
  readonly namespace: string | undefined
}

/** The attributes of every span and measurement. */
export function attributesOf({ transport, namespace }: Target): Attributes {
  return {
    [SYSTEM]: transport === 'memory' ? 'memory' : 'redis',
    [TRANSPORT]: transport,
    ...(namespace === undefined ? {} : { [NAMESPACE]: namespace }),
  }
}

/** @param node `host:port`; an IPv6 host stands in brackets, or bare as Redis announces it */
export function serverOf(node: string | undefined): Attributes {
  if (node === undefined) return {}
  const at = node.lastIndexOf(':')
  const port = Number(node.slice(at + 1))
  if (at === -1 || !Number.isInteger(port)) return { [SERVER_ADDRESS]: node }
  return { [SERVER_ADDRESS]: node.slice(0, at), [SERVER_PORT]: port }
}

/** What kind of error it is: its name. Its message may hold anything. */
export function errorType(error: unknown): string {
  return error instanceof Error ? error.name : '_OTHER'
}
