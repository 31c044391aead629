import { subscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
import { createCache } from '../../dist/index.js'

/** What a fresh process meets, as one line of JSON: `node outage-child.ts URL [TOKEN]`. */
const [url = '', token] = process.argv.slice(2)
let dials = 0
// Attempts, refused ones too, as the runtime itself counts them.
subscribe('net.client.socket', () => (dials += 1))

const cache = createCache({ url, ...(token === undefined ? {} : { token }) })
await cache.preload()
// Cold: the read and the writes are asked for before there is a connection.
const [first, writes] = await Promise.all([
  timed(() => cache.lookup('key')),
  Promise.all(Array.from({ length: 50 }, (_, index) => cache.set(`key:${index}`, index))),
])
const second = await timed(() => cache.lookup('key'))
const burst = await timed(() => Promise.all(Array.from({ length: 1_000 }, () => cache.get('key'))))

const lastAnswerAt = Date.now()

// At the very end, so that a connection counts which is opened after the last answer.
process.once('exit', () => {
  const { outcome } = first
  const answer = outcome.status === 'degraded' ? outcome.reason : outcome.status
  const stored = writes.filter(Boolean).length
  const line = JSON.stringify({ answer, firstMs: first.ms, secondMs: second.ms, burstMs: burst.ms, stored, dials, lastAnswerAt })
  writeSync(process.stdout.fd, line)
})

async function timed<Outcome>(run: () => Promise<Outcome>): Promise<{ outcome: Outcome; ms: number }> {
  const startedAt = performance.now()
  const outcome = await run()
  return { outcome, ms: performance.now() - startedAt }
}
