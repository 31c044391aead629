import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** Finds what a command started, and what that started, wherever it hangs in the tree of processes. */
export interface Mark {
  /** To be in the command's environment, which all that it starts inherit. */
  readonly env: Readonly<Record<string, string>>
  /** The command lines of those that run. Linux only: elsewhere it sees none. */
  running(): readonly string[]
}

export function mark(): Mark {
  const id = randomUUID()
  return {
    env: { FASTMISS_TEST_MARK: id },
    running: () =>
      (process.platform === 'linux' ? readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)) : []).flatMap((pid) => commandOf(pid, id)),
  }
}

function commandOf(pid: string, id: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(id) ? [readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')] : []
  } catch {
    // It has ended meanwhile, or is not ours.
    return []
  }
}
