import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { disown } from './redis-directory.ts'

/** A redis-server that lives no longer than the process that started it. */
export interface RedisProcess {
  /** Whether it has ended, of itself or not. */
  readonly hasEnded: boolean
  /** Ends it as a crash does, and its directory with it. Resolves when it has ended. */
  crash(): Promise<void>
  /** `SIGSTOP`: it keeps its connections and answers no more; `SIGCONT` ends that. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Resolves when it has ended and its directory is gone. May be called again. */
  stop(): Promise<void>
}

/**
 * The shell becomes redis-server. What it leaves behind in the background waits for the end of its
 * standard input, a pipe that the system closes when the starting process goes away, however it goes.
 * Then it kills the server and removes the directory.
 */
const WATCHED = `
exec 3<&0
directory=$1; shift
( trap '' HUP INT TERM; read -r _ <&3; kill -9 $$; rm -rf "$directory" ) >/dev/null 2>&1 &
exec "$@" 3<&- </dev/null 2>&1
`

/** A sentinel says nothing more than its own id. */
const READY = /Ready to accept connections|Sentinel ID is/
/** Milliseconds. */
const START_TIMEOUT = 10_000
/** Characters of the log kept for an error message. */
const TAIL_LENGTH = 2_000

/**
 * Starts a redis-server and waits until it accepts connections.
 *
 * @param program the full path of redis-server
 * @param directory its working directory, removed when it stops
 * @param config its arguments; the log must go to standard output at level `notice`
 * @throws Error with the end of its log, where it ends or is not ready within ten seconds
 */
export async function startRedisProcess(program: string, directory: string, config: readonly string[]): Promise<RedisProcess> {
  // A session of its own: Ctrl-C in the terminal reaches the test first, which may still want its Redis.
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', directory, program, ...config], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  })
  // From here on the shell removes it.
  if (child.pid !== undefined) disown(directory)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()).once('error', () => resolve()))
  const pipes = [child.stdin, child.stdout].filter(isReferable)
  /** Its end is told once its output is closed, which may be later: whoever awaits that is not to leave meanwhile. */
  const untilEnded = (): Promise<void> => {
    child.ref()
    for (const pipe of pipes) pipe.ref()
    return ended
  }
  const crash = (): Promise<void> => {
    child.kill('SIGKILL')
    return untilEnded()
  }
  const stop = async (): Promise<void> => {
    child.stdin.destroy()
    await untilEnded()
    await rm(directory, { recursive: true, force: true })
  }
  const log = readLog(child.stdout)
  const isReady = await Promise.race([log.ready, ended.then(() => false)])
  if (!isReady) {
    await stop()
    throw new Error(`redis-server did not start:\n${log.tail()}`)
  }
  // A test that forgets to stop it can still end: the process leaves, and the server with it.
  child.unref()
  for (const pipe of pipes) pipe.unref()
  return {
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null
    },
    stop,
    crash,
    signal: (name) => void child.kill(name),
  }
}

/** By what it can do: Bun's pipes are no sockets, and one of them holds the process all the same. */
function isReferable<Pipe extends object>(pipe: Pipe): pipe is Pipe & { ref(): void; unref(): void } {
  return 'ref' in pipe && 'unref' in pipe
}

interface Log {
  readonly ready: Promise<boolean>
  tail(): string
}

/** Reads on for as long as the server lives: it would block on a full pipe. */
function readLog(output: NodeJS.ReadableStream): Log {
  let tail = ''
  const ready = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), START_TIMEOUT)
    output.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-TAIL_LENGTH)
      if (READY.test(tail)) done()
    })
    output.once('close', () => clearTimeout(timer))
    const done = (): void => {
      clearTimeout(timer)
      resolve(true)
    }
  })
  return { ready, tail: () => tail }
}
