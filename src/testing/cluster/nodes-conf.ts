/** One node as `nodes.conf` names it. */
export interface PlannedNode {
  readonly id: string
  readonly port: number
  /** The primary's id; undefined for a primary. */
  readonly primary: string | undefined
  /** First and last slot; undefined for a replica. */
  readonly slots: readonly [number, number] | undefined
}

/** Redis's own number of them. */
const SLOTS = 16_384

/**
 * Plans a cluster: the slots dealt evenly to the primaries, which come first, and each replica given to one of them in turn.
 *
 * @param ports one a node
 */
export function planNodes(ports: readonly number[], primaries: number): readonly PlannedNode[] {
  const ids = ports.map(() => crypto.randomUUID().replaceAll('-', '').padEnd(40, '0'))
  return ports.map((port, index) => {
    const id = ids[index] ?? ''
    if (index >= primaries) return { id, port, primary: ids[index % primaries], slots: undefined }
    return { id, port, primary: undefined, slots: [firstSlot(index, primaries), firstSlot(index + 1, primaries) - 1] }
  })
}

/**
 * The `nodes.conf` that a node finds when it starts. Nodes that know each other from the start need no MEET, which is what takes the time
 * in making a cluster.
 *
 * @param self the id of the node whose file it is
 * @param host by which nodes reach each other
 * @param name by which clients do, where it is another
 */
export function nodesConf(nodes: readonly PlannedNode[], self: string, host: string, name: string | undefined): string {
  const lines = nodes.map(({ id, port, primary, slots }, index) => {
    const flags = `${id === self ? 'myself,' : ''}${primary === undefined ? 'master' : 'slave'}`
    const epoch = primary === undefined ? index + 1 : nodes.findIndex((node) => node.id === primary) + 1
    const address = `${host}:${port}@${port + 10_000}${name === undefined ? '' : `,${name}`}`
    return `${id} ${address} ${flags} ${primary ?? '-'} 0 0 ${epoch} connected${slots === undefined ? '' : ` ${slots.join('-')}`}\n`
  })
  return `${lines.join('')}vars currentEpoch ${nodes.length} lastVoteEpoch 0\n`
}

function firstSlot(index: number, primaries: number): number {
  return Math.round((index * SLOTS) / primaries)
}
