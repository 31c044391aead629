/** What `fastmiss dev` was asked for. */
export interface DevOptions {
  readonly port?: number
  readonly redisPort?: number
  readonly token?: string
  readonly redis?: string
  readonly json?: true
  readonly cluster?: boolean
}
