import { faultProxy, type Fault as ProxyFault, type GatewayFault, type LocalRedis } from 'fastmiss/testing'
import type { Fault, Scene } from './fault.ts'
import type { Lab } from './lab.ts'

/** The faults over Upstash's REST API, in the order of the tables. */
export const HTTP_FAULTS: readonly Fault[] = [
  fault('healthy', 'healthy', 'Nothing is wrong.', (lab) => before(lab, lab.healthy)),
  fault('refuse', 'refused', 'Nothing listens on the port.', (lab) => before(lab, lab.healthy, 'healthy', 'refuse')),
  fault('blackhole', 'SYN dropped', 'A firewall drops the SYN.', (lab) => before(lab, lab.healthy, 'healthy', 'blackhole')),
  fault('nohost', 'no such host', 'The name does not resolve.', async (lab) => {
    const scene = await before(lab, lab.healthy)
    return { ...scene, endpoint: { ...scene.endpoint, url: 'http://nowhere.invalid' } }
  }),
  gateway('noHeaders', 'accepts, silent', 'Takes the request and says nothing.'),
  gateway('bodyStops', 'half a body', 'The headers and half of the body, then silence.'),
  gateway('bodyBreaks', 'dies mid-body', 'The headers and half of the body, then a reset.'),
  gateway('reset', 'resets', 'Resets the connection without an answer.'),
  gateway('slow', '2 s a reply', 'Every answer comes two seconds late.'),
  { ...gateway('huge', '64 MiB', 'An answer of 64 MiB.'), isHeavy: true },
  gateway('500', 'HTTP 500', 'Internal server error.'),
  gateway('429', 'HTTP 429', 'Too many requests.'),
  gateway('401', 'HTTP 401', 'The token is refused.'),
  gateway('html', 'an HTML page', 'Status 200 and a page, as of a captive portal.'),
  gateway('badJson', 'broken JSON', 'Status 200 and half of a JSON text.'),
  gateway('wrongShape', 'other JSON', 'Status 200 and JSON of another shape.'),
  gateway('redirectLoop', 'redirect loop', 'Status 307 to the same address.'),
  fault('readonly', 'READONLY', 'A replica: it can be read, not written.', (lab) => before(lab, lab.readonly)),
  fault('oom', 'OOM', 'Redis is full: it can be read, not written.', (lab) => before(lab, lab.full)),
]

function fault(name: string, label: string, detail: string, set: Fault['set']): Fault {
  return { name, wire: 'HTTP', label, detail, isWarm: false, set }
}

function gateway(name: GatewayFault, label: string, detail: string): Fault {
  return fault(name, label, detail, (lab) => before(lab, lab.healthy, name))
}

/** The fault proxy stands before the gateway, to count connections and to refuse them. */
async function before(lab: Lab, redis: LocalRedis, fault: GatewayFault = 'healthy', atProxy: ProxyFault = 'healthy'): Promise<Scene> {
  const upstash = await lab.gateway(redis)
  const proxy = await faultProxy({ target: upstash.url })
  upstash.set(fault)
  await proxy.set(atProxy)
  return {
    endpoint: { url: proxy.url.replace(/\/$/, ''), token: upstash.token },
    accepted: () => proxy.counters.connections,
    redis: redis.url,
    stop: () => proxy.stop().finally(() => upstash.stop()),
  }
}
