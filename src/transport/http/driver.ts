import { Redis } from '@upstash/redis/cloudflare'
import type { Command } from '../transport.ts'

/** What a request is answered with: the driver unwraps it. */
type Answer = Promise<{ readonly result: unknown }>

/** @upstash/redis with the network taken out: it forms the commands and unwraps the results. It holds no I/O. */
export interface HttpDriver {
  /**
   * Hands each command to the driver.
   *
   * @param request is called once a command, in order, before this function returns
   * @returns one promise a command
   */
  run(commands: readonly Command[], request: (body: unknown) => Answer): Promise<unknown>[]
}

/** @returns a driver without a connection; one serves every invocation */
export function createDriver(): HttpDriver {
  let current: ((body: unknown) => Answer) | undefined

  const redis = new RawRedis({
    // The driver calls it in the turn of `exec`, so that `current` never outlives `run`.
    request: (request) => {
      if (current === undefined) throw new Error('The driver sent a request of its own')
      // The interface promises any TResult: nobody can know it.
      return current(request.body) as Promise<never>
    },
  })

  function run(commands: readonly Command[], request: (body: unknown) => Answer): Promise<unknown>[] {
    current = request
    try {
      return commands.map(([name = '', ...args]) => redis.exec([name, ...args]))
    } finally {
      current = undefined
    }
  }
  return { run }
}

/** This entry of the driver takes no requester (1.39), the one for Node takes no options with it: hence a subclass. */
class RawRedis extends Redis {
  constructor(requester: Redis['client']) {
    // The address is never used, but it must look like one or the driver writes a warning.
    const address = { url: 'https://localhost', token: 'none' }
    super({ ...address, automaticDeserialization: false, enableAutoPipelining: false, enableTelemetry: false, readYourWrites: false })
    this.client = requester
  }
}
