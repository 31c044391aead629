import { subscribe } from 'node:diagnostics_channel'
import { getEventListeners } from 'node:events'
import { writeSync } from 'node:fs'
import { createCache } from 'fastmiss'
import { withDriver } from './drivers.ts'
import { type Briefing, LEFT_AFTER } from './runtime.ts'
import { type Control, createSubject, type StepName } from './subject.ts'

/** The story in a Node process of its own; forked by node-runtime.ts, which sends a step at a time. */
const { url, options: given, onset, pause } = JSON.parse(process.argv[2] ?? '') as Briefing
const options = await withDriver(url, given)

let dials = 0
// Attempts, refused ones too, as the runtime itself counts them.
subscribe('net.client.socket', () => (dials += 1))

const subject = createSubject({
  makeCache: (cooldown, onEvent, more = {}) => createCache({ ...options, cooldown, maxCooldown: cooldown, onEvent, ...more }),
  dials: () => dials,
  left: async (signal) => {
    // A socket that was destroyed is gone a turn later.
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    return [...process.getActiveResourcesInfo().filter(isOurs), ...getEventListeners(signal, 'abort').map(() => 'listener of the signal')]
  },
})
// The driver's import is CPU that no timeout covers.
await createCache(options).preload()

let answerOrder: (sight: { open: number }) => void = () => {}
const control: Control = (order) =>
  new Promise((resolve) => {
    answerOrder = resolve
    process.send?.({ order })
  })

process.on('message', (message: { step?: StepName; sight?: { open: number } }) => {
  if (message.sight !== undefined) answerOrder(message.sight)
  if (message.step !== undefined) void play(message.step)
})
process.send?.({ order: 'ready' })

async function play(step: StepName): Promise<void> {
  const told = await subject[step]({ onset, pause }, control)
  process.send?.({ told })
  if (step !== 'last') return
  const answeredAt = performance.now()
  process.on('exit', () => writeSync(1, `${LEFT_AFTER}${performance.now() - answeredAt}\n`))
  // Whatever else keeps the process alive now is ours.
  process.disconnect()
}

/** Sockets, timers and name look-ups; not the pipes to the parent. */
function isOurs(resource: string): boolean {
  return !/Pipe/.test(resource)
}
