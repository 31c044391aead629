/** Where a node of a cluster says that a key lives: for good (`MOVED`), or for this once while its slot moves (`ASK`). */
export interface Redirect {
  readonly kind: 'MOVED' | 'ASK'
  readonly slot: number
  /** Empty: the host that was asked. */
  readonly host: string
  readonly port: number
}

/** @param message of an error reply: `MOVED 3999 127.0.0.1:6381`. @returns undefined where it is no redirection */
export function readRedirect(message: string): Redirect | undefined {
  // The last colon counts: IPv6 comes without brackets.
  const [, kind, slot, host = '', port] = /^(MOVED|ASK) (\d{1,5}) (\S{0,255}):(\d{1,5})$/.exec(message) ?? []
  if ((kind !== 'MOVED' && kind !== 'ASK') || Number(slot) > 16_383 || Number(port) < 1 || Number(port) > 65_535) return undefined
  return { kind, slot: Number(slot), host: host === '?' ? '' : host, port: Number(port) }
}
