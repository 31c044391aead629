import type { Connection } from '../../../transport/transport.ts'
import type { Diagnosis } from '../hints.ts'
import type { Target } from '../target.ts'

/** What came of going to one node. */
export interface Reached {
  readonly target: Target
  /** Absent where it does not answer. */
  readonly connection?: Connection
  /** The first exchange, ms. */
  readonly coldMs?: number
  /** What its certificate says, over TLS, and what to do where it ends soon. */
  readonly certificate?: { readonly finding: string; readonly hint?: string }
  /** Why it does not answer. */
  readonly failure?: Diagnosis
  readonly isLookupStuck?: true
}
