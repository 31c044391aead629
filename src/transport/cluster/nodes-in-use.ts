import type { CacheError } from '../../errors.ts'
import type { NodeSendOptions, NodeConnection, NodesSendOptions, NodesHost } from '../nodes.ts'
import type { Topology } from './topology.ts'

/** ms; a timer may fire so long before the clock says that it is time. */
const EARLY = 1
/** What counts as a full wait: a hop after a quick MOVED has a little less than the whole, and a silence of so long says as much. */
const NEARLY_FULL = 0.8

/** The connections of one invocation, or of all where they are kept, and what they have in common. */
export interface NodesInUse {
  readonly topology: Topology
  readonly host: NodesHost
  /** The connection to a node; not dialled where it is new. */
  lineTo(name: string): NodeConnection
  /** Those that there are, by name. */
  readonly lines: Map<string, NodeConnection>
  /** A question for the map under way: whoever needs the answer waits for the same one. */
  refreshing: { readonly deadlineAt: number; readonly done: Promise<unknown> } | undefined
}

/** @returns connections, none of them dialled */
export function createNodesInUse(topology: Topology, host: NodesHost): NodesInUse {
  const lines = new Map<string, NodeConnection>()
  function lineTo(name: string): NodeConnection {
    const known = lines.get(name)
    if (known !== undefined) return known
    const made = host.open(name, topology.transportTo(name))
    lines.set(name, made)
    return made
  }
  return { topology, host, lines, lineTo, refreshing: undefined }
}

/** Whether a node is not to be asked: it failed in this invocation, or its cooldown is on. */
export function isOut({ host }: NodesInUse, name: string, { failures, ignoresCooldown }: NodesSendOptions): boolean {
  return !ignoresCooldown && (failures?.has(name) === true || host.cooldown(name).isOn())
}

/**
 * How a pipeline goes to one node now, within what is left of the operation's time.
 *
 * @param deadlineAt where it gets less than all of it
 */
export function sendOptionsTo(
  { host }: NodesInUse,
  name: string,
  options: NodesSendOptions,
  deadlineAt: number = options.deadlineAt,
): NodeSendOptions {
  const at = host.now()
  const full = options.deadlineAt - options.at
  return {
    at,
    deadlineAt,
    isPartial: options.isPartial || deadlineAt - at < NEARLY_FULL * full,
    ignoresCooldown: options.ignoresCooldown,
    onFatal: (failure: CacheError) => void options.failures?.set(name, failure),
  }
}

/** Whether there is time left to ask anybody. */
export function hasTime({ host }: NodesInUse, { deadlineAt }: NodesSendOptions): boolean {
  return host.now() < deadlineAt - EARLY
}
