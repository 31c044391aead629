import { memory } from '../../transport/memory/memory.ts'
import type { Command, Connection, Reply, Transport } from '../../transport/transport.ts'
import type { TestClock } from './test-clock.ts'
import { faultError, type TestFault, type TestFaultOptions } from './test-fault.ts'

/** What a test cache's Redis has seen. */
export interface TestCounters {
  /** Connections opened: one for each invocation that asked for anything, and each probe of an outage. */
  readonly connections: number
  /** Round trips: calls of one turn share one. Those that failed count too. */
  readonly requests: number
  /** Commands in them. */
  readonly commands: number
}

/** Memory in the place of Redis, that counts and fails. */
export interface TestTransport {
  readonly transport: Transport
  /** Every command that was sent, oldest first. */
  readonly commands: readonly Command[]
  readonly counters: TestCounters
  fail(fault: TestFault | undefined, options: TestFaultOptions): void
}

const READING = new Set(['EXISTS', 'GET', 'HGET', 'HGETALL', 'HMGET', 'MGET', 'PING', 'PTTL', 'SCAN', 'STRLEN', 'TTL'])

/** @param clock entries expire by it, and a timeout moves it */
export function createTestTransport(clock: TestClock): TestTransport {
  const healthy = memory({ now: clock.now })
  const commands: Command[] = []
  let connections = 0
  let requests = 0
  let fault: TestFault | undefined
  let options: TestFaultOptions = {}
  let left = 0

  function fail(next: TestFault | undefined, nextOptions: TestFaultOptions): void {
    fault = next
    options = nextOptions
    left = nextOptions.times ?? Infinity
  }

  function isHit(command: Command): boolean {
    if (options.only === undefined) return true
    return READING.has(command[0] ?? '') === (options.only === 'reads')
  }

  async function send(connection: Connection, sent: readonly Command[], deadlineAt: number): Promise<readonly Reply[]> {
    requests += 1
    for (const command of sent) commands.push(command)
    const failing = sent.map((command) => fault !== undefined && isHit(command))
    if (fault === undefined || !failing.includes(true)) return connection.send(sent, deadlineAt)
    const error = faultError(fault)
    if (fault === 'timeout') clock.advance(Math.max(0, Math.ceil(deadlineAt - clock.now())))
    left -= 1
    if (left === 0) fault = undefined
    // What is not hit is done all the same, as in a Redis that refuses writes.
    const replies = await connection.send(
      sent.filter((_, index) => failing[index] === false),
      deadlineAt,
    )
    let next = 0
    return failing.map((fails) => (fails ? error : (replies[next++] ?? null)))
  }

  function open(): Connection {
    connections += 1
    const connection = healthy.open()
    return { isUsable: true, close: () => connection.close(), send: (sent, deadlineAt) => send(connection, sent, deadlineAt) }
  }

  return {
    // Connectionless: a fault that is asked for once is one degraded answer, not one that a second connection makes good.
    transport: { ...healthy, isConnectionless: true, open },
    commands,
    get counters() {
      return { connections, requests, commands: commands.length }
    },
    fail,
  }
}
