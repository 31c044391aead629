import type { ChildProcess } from 'node:child_process'
import type { Report, Timed } from './protocol.ts'

/** What a process has told so far. */
export interface Told {
  readonly beganAt: number | undefined
  readonly first: Timed | undefined
  readonly second: Timed | undefined
  readonly stored: { readonly said: boolean | 'threw'; readonly ms: number } | undefined
  /** When it had nothing more to ask. */
  readonly doneAt: number | undefined
  /** Epoch ms of each connection attempted since the beginning. */
  readonly dials: readonly number[]
  readonly errorEvents: number
  /** It is done, or an answer did not come in time. */
  readonly finished: Promise<void>
}

interface Listener {
  onWarm(): Promise<void>
  onBegin(): void
  /** Milliseconds for each answer. */
  readonly giveUpAfter: number
}

/** Collects what a process tells: it may be ended before it says the last word. */
export function listenTo(child: ChildProcess, { onWarm, onBegin, giveUpAfter }: Listener): Told {
  const dials: number[] = []
  const told: Notes = {
    beganAt: undefined,
    first: undefined,
    second: undefined,
    stored: undefined,
    doneAt: undefined,
    errorEvents: 0,
  }
  const finished = new Promise<void>((finish, fail) => {
    let isGivenUp = false
    const giveUp = (): void => {
      isGivenUp = true
      finish()
    }
    let timer = setTimeout(giveUp, giveUpAfter)
    const renew = (): void => {
      clearTimeout(timer)
      timer = setTimeout(giveUp, giveUpAfter)
    }
    // The last timer that is set ends with the process.
    child.once('exit', () => clearTimeout(timer))
    child.on('message', (message) => {
      const report = message as Report
      if (report.type === 'dial') return void (told.beganAt !== undefined && dials.push(report.at))
      // What comes later is an answer to close(), not to the question.
      if (isGivenUp) return
      note(told, report)
      if (report.type === 'warm') onWarm().catch(fail)
      if (report.type === 'begin') onBegin()
      if (report.type !== 'errorEvent') renew()
      if (report.type === 'done') finish()
    })
  })
  return Object.assign(told, { dials, finished })
}

type Notes = { -readonly [Name in keyof Omit<Told, 'finished' | 'dials'>]: Told[Name] }

function note(told: Notes, report: Report): void {
  switch (report.type) {
    case 'begin':
      told.beganAt = report.at
      return
    case 'answer':
      told[report.which] = rounded(report.timed)
      return
    case 'stored':
      told.stored = rounded({ said: report.said, ms: report.ms })
      return
    case 'errorEvent':
      told.errorEvents += 1
      return
    case 'done':
      told.doneAt = report.at
      return
    case 'warm':
    case 'dial':
      return
  }
}

function rounded<Row extends { readonly ms: number }>(row: Row): Row {
  return { ...row, ms: Number(row.ms.toPrecision(3)) }
}
