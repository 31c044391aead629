import { CacheError } from '../../../errors.ts'
import { ask } from '../ask.ts'
import { explain } from '../explain.ts'
import type { Step } from '../step.ts'

/** One command and its answer, over the connection that is open by now. */
export const ping: Step = {
  name: 'ping',
  isVital: true,
  isTimed: true,
  async run(visit) {
    const startedAt = performance.now()
    const reply = await ask(visit, 'PING')
    // Where the first exchange failed already, the wait was there.
    const ms = (visit.facts.waitedMs ?? 0) + performance.now() - startedAt
    if (reply === 'PONG') return { status: 'ok', finding: 'PONG' }
    if (reply instanceof CacheError) return { status: 'failed', ms, ...(await explain(reply, visit.target)) }
    return { status: 'failed', finding: 'something answers, but not with PONG', hint: 'Check host and port' }
  },
}
