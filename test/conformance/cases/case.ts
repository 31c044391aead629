/** One exchange, and what must come of it. */
export interface Step {
  readonly method?: string
  /** Default: `/a`. */
  readonly path?: string
  readonly ask?: Readonly<Record<string, string>>
  /** What the handler says where it is asked. */
  readonly say?: Readonly<Record<string, string>>
  readonly status?: number
  /** The handler throws. */
  readonly isThrown?: true
  /** Whether the handler is asked; `behind`: where the runtime has `waitUntil` after the answer, elsewhere before it. */
  readonly isAsked: boolean | 'behind'
  /** Fields that the handler must be asked with; null for one that must not be there. */
  readonly given?: Readonly<Record<string, string | null>>
  /** What the client has. Default: 200. */
  readonly answer?: number
  /** Default: whole. */
  readonly body?: string
  /** Fields of the answer; null for one that must not be there. */
  readonly has?: Readonly<Record<string, string | RegExp | null>>
}

/** A requirement of a shared cache, as a sentence, and exchanges about one origin that show it. */
export interface Case {
  readonly section: string
  readonly requirement: string
  readonly steps: readonly Step[]
  /** Where what a client may ask for is an option. Default: both presets. */
  readonly only?: 'safe' | 'full'
}

type Fields = Readonly<Record<string, string>>

export const BODY = 'body'
export const fresh: Fields = { 'cache-control': 'max-age=60' }
export const stale: Fields = { 'cache-control': 'max-age=0' }
export const past = new Date(0).toUTCString()

/** @returns an HTTP date so many seconds from now */
export function dateIn(seconds: number): string {
  return new Date(Date.now() + 1_000 * seconds).toUTCString()
}

/** A step in which the handler says something. */
export const asked = (say: Fields, more: Partial<Step> = {}): Step => ({ say, isAsked: true, ...more })
/** A step that is answered from the store. */
export const stored = (more: Partial<Step> = {}): Step => ({ isAsked: false, ...more })
/** A step in which the handler fails with 503. */
export const failing = (answer: number, more: Partial<Step> = {}): Step => ({ status: 503, isAsked: true, answer, ...more })

export const shows = (section: string, requirement: string, ...steps: readonly Step[]): Case => ({ section, requirement, steps })
/** The response to a first request is not used for a second one. */
export const never = (section: string, requirement: string, say: Fields, more: Partial<Step> = {}): Case =>
  shows(section, requirement, asked(say, more), asked(say, more))
/** The response to a first request answers a second one. */
export const reused = (section: string, requirement: string, say: Fields, more: Partial<Step> = {}): Case =>
  shows(section, requirement, asked(say, more), stored(more))
