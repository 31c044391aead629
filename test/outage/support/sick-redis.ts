import type { Outage } from './outage.ts'
import { SECRETS } from './secrets.ts'
import { type Parts, startTcpOutage } from './tcp-outage.ts'

/** Stopped by SIGSTOP, as a machine that swaps or a container that is paused: the kernel still accepts for it. */
export function frozen(): Promise<Outage> {
  let pid = 0
  return startTcpOutage({
    async break({ raw }) {
      pid = Number(/process_id:(\d+)/.exec(String(await raw('INFO', 'server')))?.[1])
      process.kill(pid, 'SIGSTOP')
    },
    cure: () => Promise.resolve(process.kill(pid, 'SIGCONT')),
  })
}

/** Killed, and started again at the same port, empty. */
export function killed(): Promise<Outage> {
  return startTcpOutage({
    isKilled: true,
    break: ({ kill }) => kill(),
    async cure({ revive, raw }) {
      await revive()
      await raw('SET', SECRETS.key, JSON.stringify({ value: SECRETS.value }))
    },
  })
}

/** Reading its data back, for as long as it is sick: reads and writes are refused, AUTH is not. */
export function loading(): Promise<Outage> {
  return startTcpOutage({
    redis: { args: ['--enable-debug-command', 'local', '--loading-process-events-interval-bytes', '1024', '--rdbcompression', 'no'] },
    async break({ raw }) {
      await raw('DEBUG', 'POPULATE', '1000', 'filler', '2000')
      await raw('CONFIG', 'SET', 'key-load-delay', '10000')
      // It is answered when all is read, or never.
      raw('DEBUG', 'RELOAD').catch(() => {})
      await until(async () => (await ask(raw)).includes('LOADING'))
    },
    async cure({ raw }) {
      await raw('CONFIG', 'SET', 'key-load-delay', '0')
      await until(async () => !(await ask(raw)).includes('LOADING'))
    },
  })
}

/** What it says to a read, errors included. */
async function ask(raw: Parts['raw']): Promise<string> {
  try {
    return String(await raw('GET', 'filler:0'))
  } catch (error) {
    return String(error)
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await isTrue()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('Redis did not get there')
}
