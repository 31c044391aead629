import type { CacheError } from '../errors.ts'
import type { CacheEvent } from '../options/events.ts'
import type { Cooldown } from '../policy/cooldown.ts'
import type { Command, Dialer, Reply } from './connection.ts'

/** What came of one command: its reply, or a promise of it where it was sent on to another node. */
export type BatchReply = Reply | Promise<Reply>

/** Those for whom something is sent. */
export interface Asker {
  /** How many wait still. Where nobody does nothing is dialled any more. */
  readonly waiting: number
}

/** How one pipeline is to be sent to one node. */
export interface NodeSendOptions {
  /** Now, epoch ms. */
  readonly at: number
  /** Epoch ms. */
  readonly deadlineAt: number
  /** Less than the full timeout: running into it alone says nothing about the node. */
  readonly isPartial: boolean
  /** Sent although the cooldown says no: `health()`. */
  readonly ignoresCooldown: boolean
  readonly asker: Asker
  /** Told of the failure of the connection that the pipeline ended with. */
  readonly onFatal: (failure: CacheError) => void
}

/** How one batch is to be sent where there are many nodes. */
export interface NodesSendOptions extends Omit<NodeSendOptions, 'onFatal'> {
  /** What failed before in this invocation, by node: it is not tried again. Undefined where only the cooldowns count. */
  readonly failures: Map<string, CacheError> | undefined
  /** Places of the commands that a replica may answer; undefined: none. */
  readonly replicable?: ReadonlySet<number> | undefined
}

/** The connection to one node: dialled by the first command, redialled where it was kept and turned out dead, with the node's cooldown. */
export interface NodeConnection {
  /** Always resolves, at the deadline at the latest, with one reply a command. */
  send(commands: readonly Command[], options: NodeSendOptions): Promise<readonly Reply[]>
  /** A wait that was given up before its deadline, in ms. */
  suspect(waited: number): void
  /** A socket is open or being opened. */
  holdsSocket(): boolean
  /** Destroys the connection. It can be used again. */
  close(): void
  /** Lets what is under way finish within its deadline, then destroys the connection. Never rejects. */
  finish(): Promise<void>
}

/** What a cache gives to the connections over many nodes. */
export interface NodesHost {
  /** The connection to a node, not dialled yet. */
  open(name: string, transport: Dialer): NodeConnection
  /** The cooldown of a node; of all of them together where the name is empty. */
  cooldown(name: string): Cooldown
  /** From now on two names have one cooldown: they are the same node. */
  isSameNode(name: string, other: string): void
  /** Forgets the cooldowns of all nodes but these. */
  keepOnly(names: ReadonlySet<string>): void
  /** ms, the cooldown after a first failure: so often others are asked about a node that is out. */
  readonly period: number
  readonly now: () => number
  readonly emit: ((event: CacheEvent) => void) | undefined
  /** What is answered during a cooldown. */
  readonly refusal: () => CacheError
}

/** The connections of one invocation to many nodes; or of all invocations, where connections are kept. */
export interface NodesConnection {
  /** The node that a key's commands go to at present; empty where nobody knows yet. At once: it is on the hot path. */
  nodeOf(key: string): string
  /** Whether entries may be read from a replica while their primary is out. */
  readonly readsReplicas: boolean
  /**
   * Sends what is asked of one node, and follows where that sends it on.
   *
   * @param node as `nodeOf` said
   * @returns one slot a command, as soon as the node has answered. Never rejects, and neither do the slots
   */
  send(node: string, commands: readonly Command[], options: NodesSendOptions): Promise<readonly BatchReply[]>
  /** Every primary, as a node that lives says now; or why nobody does. */
  primaries(options: NodesSendOptions): Promise<readonly string[] | CacheError>
  /** See {@link NodeConnection}. */
  suspect(waited: number, node: string): void
  /** A socket to any of them is open or being opened. */
  holdsSocket(): boolean
  /** Destroys all connections. They can be used again. */
  close(): void
  /** Lets what is under way finish, then destroys all connections. Never rejects. */
  finish(): Promise<void>
}
