import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ApplicationNews, ApplicationOrder, ApplicationSetting, Dial, ShardAnswer } from './application-port.ts'
import { instant } from './instant.ts'

/** ms that the application has to end by itself before it is ended. */
const PATIENCE = 1_000

/** An application under rehearsal, and what it told so far. Instants are those of `instant()`. */
export interface RunningApplication extends AsyncDisposable {
  readonly answers: readonly ShardAnswer[]
  readonly dials: readonly Dial[]
  /** A request that has no answer yet began here. */
  readonly pendingSince: number | undefined
  /** Lets it send requests. */
  go(): void
  /** Resolves when its last request has been answered, or after so many ms. */
  pause(most: number): Promise<void>
  /** Resolves with true once an answer fits, with false after so many ms. */
  until(isIt: (answer: ShardAnswer) => boolean, most: number): Promise<boolean>
  /** Tells it to end. @returns ms from its last word to the end of its thread; undefined where it did not end by itself */
  end(): Promise<number | undefined>
}

/**
 * Starts a thread that does nothing yet.
 *
 * @param signal ends it at once
 * @throws Error where it cannot be started, for example because the client cannot be imported
 */
export async function startApplication(setting: ApplicationSetting, signal: AbortSignal): Promise<RunningApplication> {
  const worker = new Worker(new URL('./dist/cli/drill/application.js', import.meta.resolve('fastmiss/package.json')), {
    workerData: setting,
    execArgv: [],
  })
  const answers: ShardAnswer[] = []
  const dials: Dial[] = []
  const listeners = new Set<() => void>()
  let isPaused = false
  let pendingSince: number | undefined
  let overAt: number | undefined
  let exitedAt: number | undefined
  let problem: unknown
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      exitedAt = instant()
      resolve()
    })
  })
  worker.on('error', (error) => (problem = error))
  worker.on('message', (news: ApplicationNews) => {
    if (news.type === 'paused') isPaused = true
    if (news.type === 'asked') pendingSince = news.at
    if (news.type === 'over') overAt = news.at
    if (news.type === 'dial') dials.push({ at: news.at, ...(news.port === undefined ? {} : { port: news.port }) })
    if (news.type === 'answer') {
      pendingSince = undefined
      answers.push(news.answer)
    }
    for (const check of listeners) check()
  })
  const terminate = (): void => void worker.terminate()
  signal.addEventListener('abort', terminate, { once: true })

  function tell(order: ApplicationOrder): void {
    isPaused = false
    worker.postMessage(order)
  }

  /** Whichever comes first: the condition, the end of the thread, or the time. */
  async function untilTrue(isTrue: () => boolean, most: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    let check = (): void => {}
    const happened = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), most)
      check = () => isTrue() && resolve(true)
    })
    listeners.add(check)
    check()
    try {
      return await Promise.race([happened, exited.then(isTrue)])
    } finally {
      clearTimeout(timer)
      listeners.delete(check)
    }
  }

  async function end(): Promise<number | undefined> {
    tell('end')
    await Promise.race([exited, untilTrue(() => false, PATIENCE + (pendingSince === undefined ? 0 : PATIENCE))])
    if (exitedAt === undefined) {
      await worker.terminate()
      return undefined
    }
    return overAt === undefined ? undefined : exitedAt - overAt
  }

  await Promise.race([once(worker, 'message'), exited])
  // It may have been aborted before anybody listened.
  if (signal.aborted) await worker.terminate()
  signal.throwIfAborted()
  if (exitedAt !== undefined) throw new Error('The application could not be started', { cause: problem })
  return {
    answers,
    dials,
    get pendingSince() {
      return pendingSince
    },
    go: () => tell('go'),
    async pause(most) {
      tell('pause')
      await untilTrue(() => isPaused, most)
    },
    until: (isIt, most) => {
      const from = answers.length
      return untilTrue(() => answers.slice(from).some(isIt), most)
    },
    end,
    [Symbol.asyncDispose]: async () => {
      signal.removeEventListener('abort', terminate)
      await worker.terminate()
    },
  }
}
