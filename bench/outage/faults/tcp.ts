import { faultProxy, type Fault as ProxyFault, type FaultOptions } from 'fastmiss/testing'
import type { Fault, Freeze, Scene } from './fault.ts'
import type { Lab } from './lab.ts'
import { startLoading } from './loading.ts'
import { startRelay } from './relay.ts'

/** The faults over TCP, in the order of the tables. */
export const TCP_FAULTS: readonly Fault[] = [
  cold('healthy', 'healthy', 'Nothing is wrong.', (lab) => before(lab.healthy.url)),
  cold('refuse', 'refused', 'Nothing listens on the port.', (lab) => before(lab.healthy.url, 'refuse')),
  cold('blackhole', 'SYN dropped', 'A firewall drops the SYN: no connection, no refusal.', (lab) => before(lab.healthy.url, 'blackhole')),
  cold('nohost', 'no such host', 'The name does not resolve.', async (lab) => ({
    ...(await before(lab.healthy.url)),
    endpoint: { url: 'redis://nowhere.invalid:6379' },
  })),
  cold('silent', 'accepts, silent', 'Accepts the connection and never says a word.', (lab) => before(lab.healthy.url, 'silent')),
  cold('reset', 'resets', 'Resets each connection at its first bytes.', (lab) => before(lab.healthy.url, 'reset')),
  cold('hang', 'handshake, then hangs', 'Answers the handshake; a GET and what follows it gets no answer.', hangOnGet),
  cold('halfReply', 'half a reply', 'Half of the first reply, then silence.', (lab) => before(lab.healthy.url, 'halfReply')),
  cold('brokenReply', 'dies mid-reply', 'Half of the first reply, then a reset.', (lab) => before(lab.healthy.url, 'halfReply', { then: 'reset' })),
  cold('slow', '2 s a reply', 'Every reply comes two seconds late.', (lab) => before(lab.healthy.url, 'slow')),
  cold('drip', '20 bytes a second', 'Replies come a byte at a time, every 50 ms.', (lab) => before(lab.healthy.url, 'drip')),
  cold('garbage', 'garbage', 'Answers with bytes that are no RESP.', (lab) => before(lab.healthy.url, 'garbage')),
  cold('web', 'a web server', 'A web server on the port: HTTP/1.1 400.', (lab) => before(lab.web.url).then(withoutRedis)),
  cold('loading', 'LOADING', 'Redis is reading its dataset from disk.', loading),
  cold('noauth', 'NOAUTH', 'Redis asks for a password; none is given.', (lab) => locked(lab, '')),
  cold('wrongpass', 'WRONGPASS', 'The password is a wrong one.', (lab) => locked(lab, 'wrong')),
  cold('maxclients', 'max clients', 'Redis has no room for another client.', (lab) => before(lab.crowded.url).then(withoutRedis)),
  cold('readonly', 'READONLY', 'A replica: it can be read, not written.', (lab) => before(lab.readonly.url)),
  cold('oom', 'OOM', 'Redis is full: it can be read, not written.', (lab) => before(lab.full.url)),
  warm('killed', 'killed later', 'Redis goes away after the first get: open connections are reset, new ones refused.', (lab) =>
    before(lab.healthy.url, 'refuse'),
  ),
  warm('frozen', 'stops later', 'Redis stops after the first get: nothing moves, new connections are accepted.', (lab) =>
    before(lab.healthy.url, 'freeze'),
  ),
  warm('thawed', 'thawed, cut', 'Redis is well, but closed the connection while the process was frozen, as between two Lambda invocations.', thawed),
  warm('forgotten', 'thawed, forgotten', 'Redis is well, but a NAT in between forgot the connection while the process was frozen.', forgotten),
]

function cold(name: string, label: string, detail: string, set: Fault['set']): Fault {
  return { name, wire: 'TCP', label, detail, isWarm: false, set: (lab) => set(lab).then(turnedOn) }
}

function warm(name: string, label: string, detail: string, set: Fault['set']): Fault {
  return { name, wire: 'TCP', label, detail, isWarm: true, set }
}

/** A cold fault is on before the process starts. */
async function turnedOn(scene: Scene): Promise<Scene> {
  await scene.turn?.(async (meanwhile) => meanwhile())
  return scene
}

/** The fault proxy before a Redis. */
async function before(target: string, fault: ProxyFault = 'healthy', options: FaultOptions = {}): Promise<Scene> {
  const proxy = await faultProxy({ target })
  return {
    endpoint: { url: proxy.url },
    turn: () => proxy.set(fault, options),
    accepted: () => proxy.counters.connections,
    redis: target,
    stop: () => proxy.stop(),
  }
}

/** The proxy stands before the relay, to count. */
async function hangOnGet(lab: Lab): Promise<Scene> {
  const relay = await startRelay(lab.healthy.url, 'GET')
  const scene = await before(relay.url)
  return { ...scene, redis: lab.healthy.url, stop: () => scene.stop().finally(() => relay.stop()) }
}

async function loading(): Promise<Scene> {
  const redis = await startLoading()
  const scene = await before(redis.url)
  return { ...scene, redis: undefined, stop: () => scene.stop().finally(() => redis.stop()) }
}

async function thawed(lab: Lab): Promise<Scene> {
  const proxy = await faultProxy({ target: lab.healthy.url })
  return {
    endpoint: { url: proxy.url },
    turn: (freeze: Freeze) => freeze(() => proxy.cut()),
    accepted: () => proxy.counters.connections,
    redis: lab.healthy.url,
    stop: () => proxy.stop(),
  }
}

async function forgotten(lab: Lab): Promise<Scene> {
  const relay = await startRelay(lab.healthy.url)
  const scene = await before(relay.url)
  return {
    ...scene,
    turn: (freeze: Freeze) => freeze(() => relay.forgetConnections()),
    redis: lab.healthy.url,
    stop: () => scene.stop().finally(() => relay.stop()),
  }
}

async function locked(lab: Lab, password: string): Promise<Scene> {
  const url = new URL(lab.locked.url)
  url.password = password
  return { ...(await before(url.href)), redis: lab.locked.url }
}

/** Where nothing can be looked up, since nothing can be stored. */
function withoutRedis(scene: Scene): Scene {
  return { ...scene, redis: undefined }
}
