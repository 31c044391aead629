import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { command, type Lab } from './faults/lab.ts'
import type { Fault, Freeze, Scene } from './faults/fault.ts'
import type { Contestant } from './libraries.ts'
import type { Order } from './protocol.ts'
import type { Cell, Exit, Stored } from './results.ts'
import { type Told, listenTo } from './told.ts'
import type { Turns } from './turns.ts'

/** Milliseconds for each answer, and for which connections are counted. */
export const WINDOW = 12_000
/** A process that has not ended so long after its last answer does not end by itself. */
const EXIT_WITHIN = 1_000
/** What `close()` is given: ioredis leaves a timer of 2 s behind. */
const CLOSE_WITHIN = 3_000
/** A process and its first answers need the machine: the next cell starts so long after, or with the second answer. */
const ALONE_FOR = 700
const FROZEN_FOR = 500
const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** The key that a library reads: its own, since each writes in its own way. */
const readKey = (library: string): string => `read${library.replace('-', '')}`

/**
 * Meets one fault with one library, in a fresh process.
 *
 * @param id tells its key from those of other cells
 * @param turns lets one cell at a time start and ask its first question
 */
export async function runCell(lab: Lab, contestant: Contestant, fault: Fault, id: number, turns: Turns): Promise<Cell> {
  const scene = await fault.set(lab)
  try {
    const order: Order = {
      subject: contestant.library,
      settings: contestant.settings,
      endpoint: scene.endpoint,
      readKey: readKey(contestant.library),
      writeKey: `write${id}`,
      isWarm: fault.isWarm,
      isSeed: false,
    }
    return { ...contestant, fault: fault.name, ...(await meet(order, scene, turns)) }
  } finally {
    await scene.stop()
  }
}

/** Stores what a library will read. @throws where a healthy Redis does not take it */
export async function seed({ library, settings }: Contestant, endpoint: Order['endpoint']): Promise<void> {
  const order = { subject: library, settings, endpoint, readKey: readKey(library), writeKey: '', isWarm: false, isSeed: true }
  const child = start(order)
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${library}: could not store its first value`)
}

function start(order: Order): ChildProcess {
  return spawn(process.execPath, [CHILD, JSON.stringify(order)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

async function meet(order: Order, scene: Scene, turns: Turns): Promise<Omit<Cell, keyof Contestant | 'fault'>> {
  const endTurn = await turns.take()
  const child = start(order)
  const exited = once(child, 'exit').then(([code]) => ({ code: code as number | null, at: Date.now() }))
  const told = listenTo(child, {
    onWarm: async () => {
      await scene.turn?.(freezer(child))
      child.send('go')
    },
    onBegin: () => {
      acceptedBefore = scene.accepted()
      void within(told.finished, ALONE_FOR).finally(endTurn)
    },
    giveUpAfter: WINDOW,
  })
  let acceptedBefore = 0
  await Promise.race([told.finished, exited]).finally(endTurn)
  const counted = (told.beganAt ?? Date.now()) + WINDOW
  const watchUntil = Math.max(counted, Date.now() + EXIT_WITHIN)
  await within(exited, watchUntil - Date.now())
  const accepted = scene.accepted() - acceptedBefore
  const exit = await endOf(child, exited, told)
  return {
    first: told.first ?? null,
    second: told.second ?? null,
    stored: await lookUp(told, scene, order.writeKey),
    dials: told.dials.filter((at) => at <= counted).length,
    accepted,
    errorEvents: told.errorEvents,
    exit,
  }
}

function freezer(child: ChildProcess): Freeze {
  return async (meanwhile) => {
    child.kill('SIGSTOP')
    meanwhile()
    await sleep(FROZEN_FOR)
    child.kill('SIGCONT')
  }
}

async function endOf(child: ChildProcess, exited: Promise<{ code: number | null; at: number }>, told: Told): Promise<Exit> {
  const early = await within(exited, 0)
  if (early !== undefined) {
    if (early.code !== 0 || told.doneAt === undefined) return { how: 'crashed' }
    return { how: 'by itself', ms: early.at - told.doneAt }
  }
  const closedAt = Date.now()
  child.send('close', () => {})
  const late = await within(exited, CLOSE_WITHIN)
  if (late?.code === 0) return { how: 'after close', ms: late.at - closedAt }
  child.kill('SIGKILL')
  await exited
  return { how: late === undefined ? 'never' : 'crashed' }
}

/** At the end, so that a library which stores later is believed. */
async function lookUp({ stored }: Told, { redis }: Scene, key: string): Promise<Stored | null> {
  if (stored === undefined) return null
  const found = redis === undefined ? [] : await command(redis, ['KEYS', `*${key}*`])
  return { ...stored, isStored: Array.isArray(found) && found.length > 0 }
}

/** @returns undefined where it takes longer; no timer is left over */
async function within<Value>(value: Promise<Value>, ms: number): Promise<Value | undefined> {
  const over = new AbortController()
  try {
    return await Promise.race([value, sleep(ms, undefined, { signal: over.signal }).catch(() => undefined)])
  } finally {
    over.abort()
  }
}
