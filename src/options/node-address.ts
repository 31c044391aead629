import { describe, isObject } from './checks.ts'
import { type HostPort, splitAddress } from './nodes-url.ts'
import type { NodeAddress } from './types.ts'

/** A node as it is announced and as it is reached. */
export interface NodePlace {
  readonly announced: HostPort
  readonly reached: HostPort
}

/** Checks the option. @returns finds the place of a node; undefined where the function gives what is no `host:port` */
export function createNodeAddress(nodeAddress: NodeAddress | undefined): (announced: HostPort) => NodePlace | undefined {
  const given: unknown = nodeAddress
  if (given !== undefined && typeof given !== 'function' && !isRecord(given)) {
    throw new TypeError(`nodeAddress: expected a function or a record from 'host:port' to 'host:port', got ${describe(given)}`)
  }
  return (announced) => {
    const reached = reach(nodeAddress, `${announced.host}:${announced.port}`, announced)
    return reached === undefined || reached.host === '' ? undefined : { announced, reached }
  }
}

function reach(nodeAddress: NodeAddress | undefined, name: string, announced: HostPort): HostPort | undefined {
  if (nodeAddress === undefined) return announced
  const found: unknown = typeof nodeAddress === 'function' ? ask(nodeAddress, name) : Object.hasOwn(nodeAddress, name) ? nodeAddress[name] : undefined
  if (found === undefined) return announced
  return typeof found === 'string' ? splitAddress(found) : undefined
}

/** A function that throws is the caller's own mistake, and must not become a rejection of a read. */
function ask(nodeAddress: (announced: string) => string | undefined, name: string): unknown {
  try {
    return nodeAddress(name)
  } catch {
    return null
  }
}

function isRecord(given: unknown): given is Readonly<Record<string, string>> {
  if (!isObject(given) || Array.isArray(given)) return false
  for (const address of Object.values(given)) {
    if (typeof address !== 'string' || splitAddress(address) === undefined) {
      throw new TypeError("nodeAddress: expected 'host:port' for each node")
    }
  }
  return true
}
