import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { Order, Report, Timed } from './protocol.ts'
import type { Openers, Subject } from './subject.ts'

/** One library before one fault, in a process of its own: `node child.ts ORDER`. */
const order = JSON.parse(process.argv[2] ?? '') as Order
const tell = (report: Report): void => void process.send?.(report)
// Attempts as the runtime counts them: the proxy cannot see one that is refused or dropped.
subscribe('net.client.socket', () => tell({ type: 'dial', at: Date.now() }))

const { openers, load } = (await import(`./subjects/${order.subject}.ts`)) as { openers: Openers; load?: () => Promise<void> }
await load?.()
const open = openers[order.settings]
if (open === undefined) throw new Error(`${order.subject} has no settings ${order.settings}`)

if (order.isSeed) process.exit((await isSeeded(open)) ? 0 : 1)
// Not awaited: an answer that never comes must not look like an error at the end.
void meetFault(open)

/** Several attempts: what a busy machine does to a bound of 250 ms is no part of the measurement here. */
async function isSeeded(make: Openers[string]): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const subject = make(order.endpoint, () => {})
    if ((await subject.set(order.readKey, 'stored before')) && (await subject.get(order.readKey)).answer === 'hit') return true
  }
  return false
}

async function meetFault(make: Openers[string]): Promise<void> {
  if (!order.isWarm) tell({ type: 'begin', at: Date.now() })
  const startedAt = performance.now()
  const subject = make(order.endpoint, () => tell({ type: 'errorEvent' }))
  process.on('message', (command) => command === 'close' && end(subject))
  const sinceStart = order.isWarm ? await warmUp(subject) : startedAt
  tell({ type: 'answer', which: 'first', timed: await timed(subject, sinceStart) })
  tell({ type: 'answer', which: 'second', timed: await timed(subject) })
  const storeAt = performance.now()
  const said = await subject.set(order.writeKey, 'stored meanwhile').catch(() => 'threw' as const)
  tell({ type: 'stored', said, ms: performance.now() - storeAt })
  tell({ type: 'done', at: Date.now() })
  // From here on the channel must not be what keeps this process alive.
  process.channel?.unref()
}

function end(subject: Subject): void {
  process.channel?.unref()
  subject.close().catch(() => {})
}

/** A `get` before the fault. @returns when the fault is on */
async function warmUp(subject: Subject): Promise<number> {
  await subject.get(order.readKey).catch(() => undefined)
  tell({ type: 'warm' })
  await once(process, 'message')
  tell({ type: 'begin', at: Date.now() })
  return performance.now()
}

/** @param since the first answer includes making the client */
async function timed(subject: Subject, since = performance.now()): Promise<Timed> {
  try {
    const { answer, reason } = await subject.get(order.readKey)
    return { ms: performance.now() - since, answer, ...(reason === undefined ? {} : { reason }) }
  } catch (error) {
    return { ms: performance.now() - since, answer: 'threw', reason: nameOf(error) }
  }
}

/** Never the message: it may quote addresses, keys and values. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'not an Error'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
