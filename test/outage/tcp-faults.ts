import { SECRETS } from './support/secrets.ts'
import type { Expected, FaultRow } from './support/outage.ts'
import { byProxy, byReroute, startTcpOutage } from './support/tcp-outage.ts'
import { fullRedis, impostor, otherRedis, webServer } from './support/wrong-servers.ts'
import { frozen, killed, loading } from './support/sick-redis.ts'

/** What the facade makes of an outage: a reason, no confirmed write, and the memory of it. */
function outage(reason: Expected['read'], phase?: Expected['phase'], more: Partial<Expected> = {}): Expected {
  return { read: reason, ...(phase === undefined ? {} : { phase }), write: false, isRemembered: true, ...more }
}
/** workerd loses a reset that comes before the first write now and then, and the timeout is what ends it. */
const RESET_MAY_BE_LOST = { workerd: { read: ['unreachable', 'timeout'] } } as const
/** workerd does not close a socket in the middle of a TLS handshake before the request is over. */
const TLS_IS_HELD = { workerd: { open: 1 } } as const
/** With RESP named, redis 5 sends a HELLO before everything: what it gets no answer to is that. */
const HELLO_FIRST = { 'Node, by createClient of redis 5': { phase: 'connect' } } as const
/** Told by the other side, so that nobody waits. */
const AT_ONCE = { isImmediate: true } as const

/** Every fault of a Redis over TCP: how it is made, and what is expected of it. */
export const TCP_FAULTS: readonly FaultRow[] = [
  // Nobody there.
  { name: 'refused', onset: 'cold', start: byProxy('refuse'), expected: outage(['unreachable'], 'connect', AT_ONCE) },
  { name: 'no such host', onset: 'cold', start: nowhere, isIncurable: true, expected: outage(['unreachable', 'timeout'], 'connect') },
  { name: 'every SYN is dropped', onset: 'cold', start: byProxy('blackhole'), expected: outage(['timeout'], 'connect') },
  { name: 'reset at once', onset: 'cold', start: byProxy('reset'), expected: outage(['unreachable'], 'connect', AT_ONCE) },
  { name: 'killed', onset: 'cold', start: killed, expected: outage(['unreachable'], 'connect', AT_ONCE), expectedIn: RESET_MAY_BE_LOST },
  {
    name: 'killed in the middle',
    onset: 'warm',
    start: killed,
    expected: outage(['unreachable'], 'connect', AT_ONCE),
    expectedIn: RESET_MAY_BE_LOST,
  },
  { name: 'gone in the middle', onset: 'warm', start: byProxy('refuse'), expected: outage(['unreachable'], 'connect', AT_ONCE) },

  // There, and silent or slow.
  { name: 'accepts and stays silent', onset: 'cold', start: byProxy('silent'), expected: outage(['timeout'], 'connect') },
  { name: 'frozen', onset: 'cold', start: frozen, expected: outage(['timeout'], 'connect') },
  { name: 'frozen in the middle', onset: 'warm', start: frozen, expected: outage(['timeout'], 'command') },
  // To fill the queue takes time, and after a second of idling a kept connection leaves half of the time to a fresh one.
  { name: 'every SYN dropped in the middle', onset: 'warm', start: byProxy('blackhole'), expected: outage(['timeout'], 'either') },
  { name: 'two seconds a reply', onset: 'cold', start: byProxy('slow', { delay: 2_000 }), expected: outage(['timeout'], 'connect') },
  { name: 'two seconds a reply in the middle', onset: 'warm', start: byProxy('slow', { delay: 2_000 }), expected: outage(['timeout'], 'command') },
  { name: 'a byte now and then', onset: 'cold', start: byProxy('drip', { delay: 300 }), expected: outage(['timeout'], 'connect') },
  { name: 'a byte now and then in the middle', onset: 'warm', start: byProxy('drip', { delay: 300 }), expected: outage(['timeout'], 'command') },

  // Half an answer. The five bytes are the reply to AUTH: there must be time for it on any machine.
  {
    name: 'silent after the handshake',
    onset: 'cold',
    timeout: 1_000,
    start: byProxy('halfReply', { bytes: 5 }),
    expected: outage(['timeout'], 'command'),
    expectedIn: HELLO_FIRST,
  },
  {
    name: 'stalls in mid reply',
    onset: 'cold',
    timeout: 1_000,
    start: byProxy('halfReply', { bytes: 12 }),
    expected: outage(['timeout'], 'command'),
    expectedIn: HELLO_FIRST,
  },
  {
    name: 'hangs up in mid reply',
    onset: 'cold',
    start: byProxy('halfReply', { bytes: 12, then: 'close' }),
    expected: outage(['unreachable'], 'command', AT_ONCE),
    expectedIn: HELLO_FIRST,
  },
  {
    name: 'resets in mid reply',
    onset: 'cold',
    start: byProxy('halfReply', { bytes: 12, then: 'reset' }),
    expected: outage(['unreachable'], 'command', AT_ONCE),
    expectedIn: HELLO_FIRST,
  },

  // Not Redis.
  { name: 'garbage', onset: 'cold', start: byProxy('garbage'), expected: outage(['protocol'], 'connect', AT_ONCE) },
  { name: 'a web server', onset: 'cold', start: byReroute({ extra: webServer }), expected: outage(['protocol'], 'connect', AT_ONCE) },
  {
    name: 'TLS where text is expected',
    onset: 'cold',
    start: byReroute({ extra: () => otherRedis({ tls: true }) }),
    // Redis hangs up without an alert of TLS.
    expected: outage(['unreachable', 'protocol'], 'connect', AT_ONCE),
  },
  {
    name: 'text where TLS is expected',
    onset: 'cold',
    start: byReroute({ isTls: true, extra: () => otherRedis({}) }),
    // Redis takes the greeting for the beginning of a command and waits for its end.
    expected: outage(['timeout'], 'connect'),
    expectedIn: TLS_IS_HELD,
  },
  {
    name: 'a certificate for another name',
    onset: 'cold',
    start: byReroute({ isTls: true, extra: impostor }),
    expected: outage(['protocol'], 'connect', AT_ONCE),
    // workerd does not say why a handshake failed.
    expectedIn: { workerd: { read: ['unreachable'] } },
  },
  {
    name: 'TLS that is never answered',
    onset: 'cold',
    start: () => startTcpOutage({ isTls: true, break: ({ proxy }) => proxy.set('silent') }),
    expected: outage(['timeout'], 'connect'),
    expectedIn: TLS_IS_HELD,
  },
  {
    name: 'a TLS handshake that stalls half way',
    onset: 'cold',
    start: () => startTcpOutage({ isTls: true, break: ({ proxy }) => proxy.set('halfReply', { bytes: 100 }) }),
    expected: outage(['timeout'], 'connect'),
    expectedIn: TLS_IS_HELD,
  },

  // Redis, and it says no.
  {
    name: 'a password is wanted (NOAUTH)',
    onset: 'cold',
    start: byReroute({ asksNoPassword: true, extra: () => otherRedis({ password: SECRETS.password }) }),
    expected: outage(['auth'], undefined, AT_ONCE),
    expectedIn: HELLO_FIRST,
  },
  {
    name: 'the password is wrong (WRONGPASS)',
    onset: 'cold',
    start: byReroute({ extra: () => otherRedis({ password: 'another' }) }),
    expected: outage(['auth'], 'connect', AT_ONCE),
  },
  { name: 'no room for another client', onset: 'cold', start: byReroute({ extra: fullRedis }), expected: outage(['reply'], 'connect', AT_ONCE) },
  { name: 'loading its data (LOADING)', onset: 'cold', start: loading, expected: outage(['reply'], undefined, AT_ONCE) },

  // Redis, and it is well enough for reads.
  {
    name: 'a replica that takes no writes (READONLY)',
    onset: 'cold',
    start: () => startTcpOutage({ break: ({ raw }) => raw('REPLICAOF', '127.0.0.1', '1'), cure: ({ raw }) => raw('REPLICAOF', 'NO', 'ONE') }),
    expected: { read: 'hit', write: false, isRemembered: false, isImmediate: true },
  },
  {
    name: 'no memory left (OOM)',
    onset: 'cold',
    start: () =>
      startTcpOutage({ break: ({ raw }) => raw('CONFIG', 'SET', 'maxmemory', '1'), cure: ({ raw }) => raw('CONFIG', 'SET', 'maxmemory', '0') }),
    expected: { read: 'hit', write: false, isRemembered: false, isImmediate: true },
  },
  {
    name: 'a reply above the limit',
    onset: 'cold',
    start: () => largeReply(393_216, { limits: { valueBytes: 262_144 } }),
    expected: { read: ['oversize'], other: 'miss', write: true, isRemembered: false, isImmediate: true },
  },

  // No outage at all.
  {
    name: 'hung up on while idle in an invocation',
    onset: 'warm',
    pause: 700,
    start: byProxy('closeIdle', { delay: 400 }),
    expected: { read: 'hit', write: true, isRemembered: false, isImmediate: true },
  },
]

/** @param size of the value, bytes */
export function largeReply(size: number, options: Readonly<Record<string, unknown>> = {}): ReturnType<typeof startTcpOutage> {
  return startTcpOutage({
    options,
    break: ({ raw }) => raw('SET', SECRETS.key, JSON.stringify({ value: 'x'.repeat(size) })),
    cure: ({ raw }) => raw('SET', SECRETS.key, JSON.stringify({ value: SECRETS.value })),
  })
}

/** A name that the DNS does not know (RFC 6761 section 6.4). */
function nowhere(): ReturnType<typeof startTcpOutage> {
  return startTcpOutage({ url: () => 'redis://no-such-host.invalid:6379', break: () => Promise.resolve() })
}
