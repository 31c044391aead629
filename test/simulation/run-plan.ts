import { buildCache } from '../../src/facade/create-cache.ts'
import { cluster } from '../../src/transport/cluster/cluster.ts'
import type { Driver } from '../../src/transport/tcp/driver.ts'
import { tcp } from '../../src/transport/tcp/tcp.ts'
import { createClients } from './client.ts'
import { createCluster } from './cluster.ts'
import type { History } from './history.ts'
import { type Context, fail, instant, type Isolate, take, watch } from './operations.ts'
import type { Item, Plan } from './plan.ts'
import { createRandom } from './random.ts'
import { NAMESPACE, type Run, TIMEOUT } from './run.ts'
import { createServer, type Record, type SimulatedServer } from './server.ts'
import { installVirtualTime, type VirtualTime } from './virtual-time.ts'

/** Lets a plan happen: the whole core, over simulated connections, in virtual time. */
export async function runPlan(plan: Plan): Promise<Run> {
  // Other draws than the plan's: what is cut out of a plan must not change what is left.
  const random = createRandom(plan.seed ^ 0x5bd1e995)
  const time = installVirtualTime(random)
  const { stackTraceLimit } = Error
  // Stacks are half of what an error costs, and nobody reads them here.
  Error.stackTraceLimit = 0
  try {
    const history: History = { operations: [], loads: [], background: [], coolings: [] }
    const held: Record = new Map()
    const addresses = Array.from({ length: plan.nodes }, (_, index) => `10.0.0.${index + 1}:6379`)
    const servers: SimulatedServer[] = []
    const slots = plan.nodes === 1 ? undefined : createCluster(servers, addresses)
    for (const address of addresses) servers.push(createServer(time, held, address, slots))
    const isolates = plan.isolates.map((_, number) => openIsolate(plan, number, { servers, time, history }))
    const context: Context = { time, history, isolates, servers, held, cluster: slots, nextId: 1 }
    for (const item of plan.items) schedule(item, context)
    await time.runUntil(plan.endsAt + 20_000)
    let closed = 0
    for (const { cache } of isolates) void cache.close().then(() => (closed += 1))
    await time.runUntil(plan.endsAt + 30_000)
    const connections = isolates.map((one) => one.connections)
    return { plan, history, held, addresses, cluster: slots, connections, timersLeft: time.pendingTimers(), unclosed: isolates.length - closed }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    time.restore()
  }
}

function openIsolate(
  plan: Plan,
  number: number,
  { servers, time, history }: { readonly servers: readonly SimulatedServer[]; readonly time: VirtualTime; readonly history: History },
): Isolate {
  const { cooldown, maxCooldown, connection, sharesRoot, memory } = plan.isolates[number] ?? fail()
  const serverAt = (address: string): SimulatedServer => servers.find((one) => one.address === address) ?? fail()
  const clients = createClients(serverAt, time, createRandom(plan.seed * 31 + number))
  const createClient = ({ socket }: { readonly socket: { readonly host: string; readonly port: number } }): Driver =>
    clients.create(`${socket.host}:${socket.port}`)
  const [first = '', ...others] = servers.map(({ address }) => address)
  const cache = buildCache(
    {
      transport:
        others.length === 0 ? tcp(`redis://${first}`, { createClient }) : cluster(`redis+cluster://${[first, ...others].join()}`, { createClient }),
      namespace: NAMESPACE,
      timeout: TIMEOUT,
      cooldown,
      maxCooldown,
      connection,
      ...(memory === undefined ? {} : { memory }),
      onEvent(event) {
        if (event.type === 'cooldown')
          history.coolings.push({ isolate: number, began: instant(time), ms: event.ms, node: event.node, recovered: undefined })
        if (event.type !== 'recovered') return
        for (const one of history.coolings) if (one.isolate === number && one.node === event.node) one.recovered ??= instant(time)
      },
    },
    { transport: fail, sharesRoot, sharesLoads: true, afterwards: (callback) => void time.after(0, callback) },
  )
  return { cache, connections: clients, invocations: new Map() }
}

function schedule(item: Item, context: Context): void {
  const { time, isolates, servers } = context
  const change = (server: SimulatedServer, fault: SimulatedServer['fault']): void => {
    server.fault = fault
    // Who waits for the next change is not told of this one.
    const told = Array.from(server.whenChanged)
    for (const run of told) run()
  }
  if (item.what === 'step') time.after(item.at, () => void take(item, context))
  if (item.what === 'jump')
    time.after(item.at, () => {
      if (item.whose === 'client') time.jump(item.by)
      else for (const server of servers) server.jump(item.by)
    })
  if (item.what === 'fault') {
    const server = servers[item.node] ?? fail()
    time.after(item.at, () => change(server, item.fault))
    time.after(item.until, () => change(server, undefined))
  }
  if (item.what === 'move') time.after(item.at, () => context.cluster?.move(`${NAMESPACE}::${item.key}`, item.to, context.held.keys()))
  if (item.what === 'invocation') {
    const { cache, invocations } = isolates[item.isolate] ?? fail()
    // Before the steps of the same instant.
    time.after(item.at - 0.5, () => {
      invocations.set(item.number, {
        invocation: cache.invocation({ waitUntil: (work) => void watch(item.isolate, work, context) }),
        began: instant(time),
      })
    })
    time.after(item.until, () => {
      const open = invocations.get(item.number)
      invocations.delete(item.number)
      void open?.invocation.close()
    })
  }
}
