import { EventEmitter } from 'node:events'
import { ClientClosedError, DisconnectsClientError, SimpleError, SocketClosedUnexpectedlyError } from '@redis/client/dist/lib/errors.js'
import { RedisError } from '../../src/testing/embedded/reply.ts'
import type { Session } from '../../src/testing/embedded/session.ts'
import type { Driver } from '../../src/transport/tcp/driver.ts'
import type { Random } from './random.ts'
import { type Fault, type SimulatedServer, toDriverReply } from './server.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What the judge asks of the connections. */
export interface Connections {
  /** When each was dialled, in the order of events. */
  readonly dials: { readonly order: number; readonly at: number; readonly address: string }[]
  /** Commands that were answered, in the order of their answers. */
  readonly answers: Answered[]
  open(): number
}

/** A command, and its answer. */
interface Answered {
  readonly address: string
  /** ms since the start. */
  readonly writtenAt: number
  /** Of the answer, in the order of events. */
  readonly order: number
}

interface Waiting {
  readonly args: readonly string[]
  readonly resolve: (reply: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * Makes clients that behave as node-redis 6 does with the options that we give it, over simulated connections: each has a latency of
 * its own, so that connections overtake each other, and keeps its order, as TCP does.
 */
export function createClients(
  serverAt: (address: string) => SimulatedServer,
  time: VirtualTime,
  random: Random,
): Connections & { create(address: string): Driver } {
  const dials: { order: number; at: number; address: string }[] = []
  const answers: Answered[] = []
  let open = 0
  return {
    dials,
    answers,
    open: () => open,
    create: (address) =>
      createClient(serverAt(address), time, random, {
        dialled: () => {
          dials.push({ order: time.order(), at: time.elapsed(), address })
          open += 1
        },
        ended: () => void (open -= 1),
        answered: (writtenAt) => void answers.push({ address, writtenAt, order: time.order() }),
      }),
  }
}

/** Is told what happens to a connection. */
interface Witness {
  dialled(): void
  ended(): void
  answered(writtenAt: number): void
}

function createClient(server: SimulatedServer, time: VirtualTime, random: Random, count: Witness): Driver {
  const events = new EventEmitter()
  const latency = 0.1 + random.next() * (random.chance(0.1) ? 12 : 3)
  /** Not written yet. */
  let queued: Waiting[] = []
  /** Written, in order; answered from the front. */
  const written: Waiting[] = []
  let session: Session | undefined
  let state: 'new' | 'dialling' | 'connected' | 'ready' | 'ended' = 'new'
  let rejectConnect: (error: Error) => void = () => {}
  /** Neither side of a connection delivers before what was sent before it. */
  let arrivesAt = 0
  let returnsAt = 0
  let answered = 0
  /** What is on its way to the server arrives also where the client hangs up. */
  let isCut = false

  function connect(): Promise<unknown> {
    state = 'dialling'
    count.dialled()
    return new Promise((resolve, reject) => {
      rejectConnect = reject
      time.after(2 * latency, () => {
        if (state !== 'dialling') return
        const { fault } = server
        if (fault === 'refused') return lose(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
        if (fault === 'dropped') return
        state = 'connected'
        events.emit('connect')
        if (fault === 'reset') return lose(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
        session = server.open()
        // A handshake of one command (SELECT or AUTH); what was asked for rides behind it.
        void ask(['PING']).then(() => {
          if (state !== 'connected') return
          state = 'ready'
          events.emit('ready')
          resolve(client)
        }, lose)
        const waiting = queued
        queued = []
        for (const one of waiting) write(one)
      })
    })
  }

  function ask(args: readonly string[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const one = { args, resolve, reject }
      if (state === 'ended') reject(new ClientClosedError())
      else if (session === undefined) queued.push(one)
      else write(one)
    })
  }

  function write(one: Waiting): void {
    written.push(one)
    const writtenAt = time.elapsed()
    arrivesAt = Math.max(arrivesAt, writtenAt + latency * (0.5 + random.next()))
    time.after(arrivesAt - writtenAt, () => arrive(one, writtenAt))
  }

  /** The command is at the server. */
  function arrive(one: Waiting, writtenAt: number): void {
    if (isCut || session === undefined) return
    const { fault } = server
    if (fault === 'frozen') return waitFor(() => arrive(one, writtenAt))
    // What is lost on a connection is never read, and neither is anything behind it.
    if (isSilent(fault) || (fault === 'half' && (answered += 1) > 1)) return void (isCut = true)
    if (fault === 'refused' || fault === 'reset') return hangUp()
    const reply = server.run(one.args, session)
    if (fault === 'cut') return hangUp()
    returnsAt = Math.max(returnsAt, time.elapsed() + latency * (0.5 + random.next()))
    time.after(returnsAt - time.elapsed(), () => receive(one, reply, writtenAt))
  }

  function receive(one: Waiting, reply: unknown, writtenAt: number): void {
    if (state === 'ended' || isCut) return
    // Bytes that were under way when the network went silent are lost; what is behind them can never be read.
    if (isSilent(server.fault)) return void (isCut = true)
    written.splice(written.indexOf(one), 1)
    count.answered(writtenAt)
    if (reply instanceof RedisError) one.reject(new SimpleError(reply.message))
    else one.resolve(toDriverReply(reply))
  }

  function waitFor(run: () => void): void {
    const look = (): void => {
      server.whenChanged.delete(look)
      run()
    }
    server.whenChanged.add(look)
  }

  /** The other side hangs up. */
  function hangUp(): void {
    isCut = true
    time.after(latency, () => {
      if (state !== 'ended') lose(new SocketClosedUnexpectedlyError())
    })
  }

  function lose(error: Error): void {
    if (state === 'ended') return
    end(error)
    rejectConnect(error)
    events.emit('error', error)
  }

  function end(error: Error): void {
    if (state === 'dialling' || state === 'connected' || state === 'ready') count.ended()
    state = 'ended'
    for (const one of [...written.splice(0), ...queued.splice(0)]) one.reject(error)
  }

  const client: Driver = {
    connect,
    sendCommand: ask,
    async close() {
      if (state === 'ended') throw new ClientClosedError()
      end(new ClientClosedError())
    },
    destroy() {
      // node-redis 6 does so silently; 5 throws.
      if (state !== 'ended') end(new DisconnectsClientError())
    },
    unref: () => {},
    on: (event: string, listener: (error: unknown) => void) => events.on(event, listener),
  }
  return client
}

function isSilent(fault: Fault | undefined): boolean {
  return fault === 'silent' || fault === 'dropped'
}
