import { randomBytes } from 'node:crypto'
import { createCache } from '../../index.ts'
import { faultProxy } from '../../testing/fault-proxy.ts'
import { startRedis } from '../../testing/start-redis.ts'
import { startUpstash } from '../../testing/start-upstash.ts'
import type { Target } from '../doctor/target.ts'
import type { ApplicationSetting, ShardKeys } from './application-port.ts'
import { createEndings, type Endings } from './endings.ts'
import type { DrillFault } from './faults.ts'
import { openAt } from './open-at.ts'
import { type PastFaults, pastFaults } from './past-faults.ts'
import { restForwarder } from './rest-forwarder.ts'

/** Where a drill takes place: a Redis, and everything between it and the application. */
export interface Stage extends PastFaults, AsyncDisposable {
  readonly wire: 'tcp' | 'http'
  /** What it is, without secrets. */
  readonly shown: string
  /** How the application reaches it. */
  readonly endpoint: Pick<ApplicationSetting, 'url' | 'token' | 'certifiedHost' | 'namespace' | 'keys' | 'nodeAddress'>
  /** Of a cluster: at which each shard is reached, in the order of its keys. The first is the one that breaks. */
  readonly ports?: readonly number[]
  /** Resolves when the fault holds. */
  begin(fault: DrillFault): Promise<void>
  /** Resolves when it is over. */
  mend(): Promise<void>
  /** Resolves with the connections still open at the proxy, after a moment in which they may end. */
  open(): Promise<number>
}

/** ms: on the way past the faults nothing is rehearsed. */
export const DIRECT_TIMEOUT = 5_000
const KEYS: ShardKeys = { present: 'present', absent: 'absent', written: 'written' }

/** @param target a Redis of the user; without one, it is Redis of its own, over TCP or through the local gateway */
export async function setStage(target: Target | undefined, isRest: boolean): Promise<Stage> {
  const closing = createEndings()
  try {
    const { url, token, shown } = target ?? (await ownTarget(isRest, closing))
    const wire = url.startsWith('http') ? 'http' : 'tcp'
    const namespace = `fastmiss-drill-${randomBytes(6).toString('hex')}`
    const direct = createCache({ url, ...(token === undefined ? {} : { token }), namespace, timeout: DIRECT_TIMEOUT, cooldown: 0, maxCooldown: 0 })
    closing.add(async () => void (await direct.deleteMany([KEYS.present, KEYS.written])))
    const gateway = wire === 'http' ? closing.use(await restForwarder(url)) : undefined
    const proxy = closing.use(await faultProxy({ target: gateway?.url ?? url }))

    async function begin(fault: DrillFault): Promise<void> {
      if (fault.at === 'proxy') await proxy.set(fault.name, fault.dose)
      else gateway?.set(fault.name, fault.dose)
    }
    async function mend(): Promise<void> {
      gateway?.set('healthy')
      await proxy.set('healthy')
    }
    const host = target?.isTls === true && wire === 'tcp' ? target.place?.host : undefined
    const endpoint = {
      url: proxy.url,
      ...(token === undefined ? {} : { token }),
      ...(host === undefined ? {} : { certifiedHost: host }),
      namespace,
      keys: [KEYS],
    }
    const past = pastFaults(direct, endpoint.keys, shown)
    return { wire, shown, endpoint, ...past, begin, mend, open: () => openAt(proxy), [Symbol.asyncDispose]: () => closing.close() }
  } catch (error) {
    await closing.close()
    throw error
  }
}

interface Own {
  readonly url: string
  readonly token?: string
  readonly shown: string
}

async function ownTarget(isRest: boolean, closing: Endings): Promise<Own> {
  const redis = closing.use(await startRedis())
  const kind = redis.binary === 'embedded' ? 'an embedded Redis' : `a ${redis.binary}`
  if (!isRest) return { url: redis.url, shown: `${kind} of its own` }
  const { url, token } = closing.use(await startUpstash({ redis: redis.url }))
  return { url, token, shown: `${kind} of its own, through the local Upstash gateway` }
}
