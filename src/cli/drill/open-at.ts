import type { FaultProxy } from '../../testing/fault-proxy.ts'

/** ms in which a proxy hears of a closed socket. */
const MOMENT = 50

/** Resolves with the connections still open at a proxy, after a moment in which they may end. */
export async function openAt(proxy: FaultProxy): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const moment = new Promise<void>((resolve) => (timer = setTimeout(resolve, MOMENT)))
  await Promise.race([proxy.until((counters) => counters.open === 0), moment])
  clearTimeout(timer)
  return proxy.counters.open
}
