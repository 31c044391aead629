import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { briefing, LEFT_AFTER, type Runtime, type Stage } from './runtime.ts'
import type { Told } from './subject.ts'

const CHILD = fileURLToPath(new URL('node-child.ts', import.meta.url))
/** A child that stays longer than this is taken for one that never leaves. */
const LEAVE_WITHIN = 10_000

interface Message {
  readonly order?: string
  readonly told?: Told
}

/** A process of its own for each fault, with one connection policy. */
export function nodeRuntime(name: string, options: Readonly<Record<string, unknown>>, keepsConnection: boolean): Runtime {
  return {
    name,
    keepsConnection,
    sharesRootCalls: true,
    hasCopies: Object.keys(options).length === 0,
    async start(row, outage, onOrder) {
      const child = fork(CHILD, [JSON.stringify(briefing(row.name, row, outage, options))], {
        execArgv: [],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      })
      const stage = stageOf(child, onOrder)
      await stage.ready
      return stage
    },
  }
}

function stageOf(child: ChildProcess, onOrder: (order: string) => Promise<{ readonly open: number }>): Stage & { readonly ready: Promise<void> } {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += String(chunk)))
  const exited = once(child, 'close')
  let onTold: (told: Told) => void = () => {}
  let onReady: () => void = () => {}
  const ready = new Promise<void>((resolve) => (onReady = resolve))
  child.on('message', ({ order, told }: Message) => {
    if (order === 'ready') onReady()
    else if (order !== undefined) void onOrder(order).then((sight) => child.send({ sight }))
    if (told !== undefined) onTold(told)
  })
  // Otherwise a child that died would be waited for until the test's own timeout.
  const died = exited.then(() => {
    throw new Error(`the child ended before its time:\n${output}`)
  })
  died.catch(() => {})

  return {
    ready: Promise.race([ready, died]),
    step: (name) => {
      const told = new Promise<Told>((resolve) => (onTold = resolve))
      child.send({ step: name })
      return Promise.race([told, died])
    },
    async leave() {
      const killer = setTimeout(() => child.kill('SIGKILL'), LEAVE_WITHIN)
      await exited
      clearTimeout(killer)
      // A child that had to be killed has not said when it left.
      const [printed = '', ms = 'never'] = output.split(LEFT_AFTER)
      return { ms: Number.parseFloat(ms), output: printed }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
