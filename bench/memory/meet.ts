import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { faultProxy, startRedis } from 'fastmiss/testing'
import { AFTER, BEFORE, OUTAGE, type Run } from './results.ts'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))
/** ms: a process that has not said anything by then is given up. */
const PATIENCE = 20_000

/**
 * One library meets one outage, in a process of its own that is ended afterwards, whatever its client still waits for.
 *
 * @throws Error where the process does not begin, or says nothing at the end
 */
export async function meetOutage(subject: string): Promise<Run> {
  await using redis = await startRedis()
  await using proxy = await faultProxy({ target: redis.url })
  const child = fork(CHILD, [subject, proxy.url], { execArgv: ['--no-warnings'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  try {
    await told(child, 'begin')
    child.send('go')
    await sleep(BEFORE)
    await proxy.set('silent')
    child.send('broken')
    await sleep(OUTAGE)
    await proxy.set('healthy')
    await sleep(AFTER)
    child.send('end')
    return (await told(child, 'end')) as Run
  } finally {
    const exited = once(child, 'exit')
    if (child.kill('SIGKILL')) await exited
  }

  async function told(from: typeof child, what: string): Promise<unknown> {
    const given = new AbortController()
    try {
      return await Promise.race([
        once(from, 'message', { signal: given.signal }).then(([message]) => message as unknown),
        once(from, 'exit', { signal: given.signal }).then(() => Promise.reject(new Error(`${subject} left before the ${what}`))),
        sleep(PATIENCE, undefined, { signal: given.signal }).then(() => Promise.reject(new Error(`${subject} did not ${what} in time`))),
      ])
    } finally {
      given.abort()
    }
  }
}
