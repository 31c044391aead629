import type { CacheError } from '../errors.ts'
import type { NodeSendOptions, NodesHost, NodesSendOptions } from './nodes.ts'
import type { Command } from './transport.ts'

/** ms; a timer may fire so long before the clock says that it is time. */
const EARLY = 1
/** What counts as a full wait: a hop after a quick redirection has a little less than the whole, and a silence of so long says as much. */
const NEARLY_FULL = 0.8
/** Commands that are for one node and no other, whatever becomes of it: no key says whose they are. */
const KEYLESS: ReadonlySet<string | undefined> = new Set(['PING', 'SCAN'])

/** Whether a node is not to be asked: it failed in this invocation, or its cooldown is on. */
export function isOut(host: NodesHost, name: string, { failures, ignoresCooldown }: NodesSendOptions): boolean {
  return !ignoresCooldown && (failures?.has(name) === true || host.cooldown(name).isOn())
}

/**
 * How a pipeline goes to one node now, within what is left of the operation's time.
 *
 * @param deadlineAt where it gets less than all of it
 */
export function sendOptionsTo(host: NodesHost, name: string, options: NodesSendOptions, deadlineAt: number = options.deadlineAt): NodeSendOptions {
  const at = host.now()
  const full = options.deadlineAt - options.at
  return {
    at,
    deadlineAt,
    isPartial: options.isPartial || deadlineAt - at < NEARLY_FULL * full,
    ignoresCooldown: options.ignoresCooldown,
    asker: options.asker,
    onFatal: (failure: CacheError) => void options.failures?.set(name, failure),
  }
}

/** Whether there is time left to ask anybody. */
export function hasTime(host: NodesHost, { deadlineAt }: NodesSendOptions): boolean {
  return host.now() < deadlineAt - EARLY
}

/** Half of the time that is left: the rest is for whoever is asked next. @returns epoch ms */
export function halfTime(host: NodesHost, { deadlineAt }: NodesSendOptions): number {
  const at = host.now()
  return at + (deadlineAt - at) / 2
}

/**
 * Those that are not out, one after the other for as long as there is time: each with half of what is left, the last one with all of it.
 *
 * @returns names, and the options to ask with
 */
export function* inTurn(
  names: readonly string[],
  host: NodesHost,
  options: NodesSendOptions,
): Generator<readonly [name: string, own: NodesSendOptions], void> {
  const able = names.filter((name) => !isOut(host, name, options))
  for (const [index, name] of able.entries()) {
    if (!hasTime(host, options)) return
    yield [name, index === able.length - 1 ? options : { ...options, deadlineAt: halfTime(host, options), isPartial: true }]
  }
}

export function isKeyless(command: Command): boolean {
  return KEYLESS.has(command[0])
}
