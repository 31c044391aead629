import { createCache } from 'fastmiss'
import { faultProxy, startRedis } from 'fastmiss/testing'
import type { CaseResult, Fact } from '../lib/report.ts'

const KEYS = 200
const CALLERS = 20
const OUTAGE_MS = 3_000
const LOADER_MS = 5
const TTL = 60_000

type Get = (key: string, load: () => Promise<string>) => Promise<unknown>
interface Subject {
  readonly name: string
  readonly get: Get
  close(): Promise<unknown>
}

const SUBJECTS: readonly ((url: string) => Subject)[] = [(url) => fastmiss('fastmiss', url, false), (url) => fastmiss('fastmiss, memory', url, true)]

function fastmiss(name: string, url: string, memory: boolean): Subject {
  const cache = createCache({ url, namespace: name, connection: 'reuse', memory })
  return { name, get: (key, load) => cache.wrap(key, load, { ttl: TTL, staleIfError: 3_600_000 }), close: () => cache.close() }
}

/** 200 hot keys, Redis falls silent for 3 s, 20 callers: how often is the source asked, and how long do callers wait. */
export async function outageLoads(_rounds: number, onRound: (done: number) => void): Promise<CaseResult> {
  const rows: Fact[] = []
  const limits: { name: string; measured: number; atMost: number }[] = []
  for (const [index, start] of SUBJECTS.entries()) {
    await using redis = await startRedis()
    const proxy = await faultProxy({ target: redis.url })
    const subject = start(proxy.url)
    const { requests, loads, p99 } = await measure(subject, () => proxy.set('silent'))
    rows.push(
      { name: `${subject.name}: requests`, value: requests, unit: '' },
      { name: `${subject.name}: loads`, value: loads, unit: '' },
      { name: `${subject.name}: p99 after the first timeout`, value: p99, unit: 'ms' },
    )
    if (subject.name === 'fastmiss, memory') {
      limits.push({ name: 'loads', measured: loads, atMost: KEYS }, { name: 'p99 after the first timeout (ms)', measured: p99, atMost: 5 })
    }
    await proxy.set('healthy')
    await subject.close()
    await proxy.stop()
    onRound(index + 1)
  }
  return { title: `An outage of ${OUTAGE_MS / 1_000} s, ${KEYS} hot keys, ${CALLERS} callers`, unit: 'the source takes 5 ms', rows, limits }
}

async function measure({ get }: Subject, fall: () => Promise<void>): Promise<{ requests: number; loads: number; p99: number }> {
  let loads = 0
  const load = async (): Promise<string> => {
    loads += 1
    await new Promise((resolve) => setTimeout(resolve, LOADER_MS))
    return 'v'
  }
  for (let index = 0; index < KEYS; index += 1) await get(`k${index}`, load)
  loads = 0
  await fall()
  const begunAt = performance.now()
  const took: number[] = []
  let requests = 0
  async function caller(): Promise<void> {
    while (performance.now() - begunAt < OUTAGE_MS) {
      const startedAt = performance.now()
      await get(`k${(requests += 1) % KEYS}`, load)
      // What was asked for before anybody knew waits for the first timeout.
      if (startedAt - begunAt > 250) took.push(performance.now() - startedAt)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  took.sort((a, b) => a - b)
  return { requests, loads, p99: took[Math.floor(took.length * 0.99)] ?? Number.NaN }
}
