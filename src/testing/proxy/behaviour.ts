/** A piece of a stream, or `null` for its end. */
export type Piece = Buffer | null

/** One connection through the proxy, as a fault sees it. */
export interface Link {
  toTarget(piece: Piece): void
  toClient(piece: Piece): void
  /** Ends both sides in good order. */
  close(): void
  /** Resets the client's side: it sees ECONNRESET. */
  reset(): void
  /** Runs after so many milliseconds, unless the connection has ended by then. */
  later(delay: number, run: () => void): void
}

/**
 * What happens to the pieces of one connection while a fault is on.
 * One is made for each connection, so that it may keep count in its closure.
 */
export interface Behaviour {
  request(piece: Piece): void
  reply(piece: Piece): void
  /**
   * Whether the next fault may take the connection over. Not where bytes were lost or made up:
   * then it is reset instead, since its two ends no longer agree on what was said.
   */
  readonly isIntact: boolean
  /** Hands on what was held back, in order, when the fault is over. */
  release?(next: Behaviour): void
}
