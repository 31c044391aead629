/** A Redis that runs, of either kind. */
export interface StartedRedis {
  readonly port: number
  readonly ca: string | undefined
  readonly socketPath: string | undefined
  stop(): Promise<void>
}
