import type { CacheError } from '../errors.ts'
import { send } from '../session/session.ts'
import type { CallOptions } from '../options/types.ts'
import { PING, readPong } from './commands.ts'
import type { StoreContext } from './context.ts'

/** Asks Redis for a sign of life, in a cooldown too. @returns why there is none */
export async function ping({ session }: StoreContext, call?: CallOptions): Promise<CacheError | undefined> {
  const [reply = null] = await send(session(), [PING], [undefined], { ...call, ignoresCooldown: true })
  return readPong(reply)
}
