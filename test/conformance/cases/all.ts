import type { Case } from './case.ts'
import { DIRECTIVES } from './directives.ts'
import { NEIGHBOURS } from './neighbours.ts'
import { REUSE } from './reuse.ts'
import { STORING } from './storing.ts'
import { VALIDATION } from './validation.ts'

/** Every case, in the order of what it is about. */
export const CASES: readonly Case[] = [...STORING, ...REUSE, ...VALIDATION, ...DIRECTIVES, ...NEIGHBOURS]
