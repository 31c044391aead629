import type { HostPort } from '../options/nodes-url.ts'

/** How a node is named everywhere: in a map of slots, in events and to `nodeAddress`. */
export function nodeName(host: string, port: number): string {
  return `${host}:${port}`
}

/** A node's name as host and port. */
export function addressOf(name: string): HostPort {
  const colon = name.lastIndexOf(':')
  return { host: name.slice(0, colon), port: Number(name.slice(colon + 1)) }
}
