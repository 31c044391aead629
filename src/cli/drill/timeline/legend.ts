import type { Scene } from '../drill.ts'
import { px, textAt } from './markup.ts'
import { classOf, KINDS, kindOf, labelOf } from './palette.ts'

/** px: a row, a swatch and the room behind an entry. */
const ROW = 20
const SWATCH = 14
const GAP = 18
/** px a character takes at most, on average: labels are lower case. */
const CHARACTER = 6.6

/** The legend and its height. */
export interface Legend {
  readonly markup: string
  /** px */
  readonly height: number
}

/** What occurs in the picture and nothing else, in as many rows as it takes. */
export function legend(scenes: readonly Scene[], left: number, top: number, right: number): Legend {
  const seen = new Set(scenes.flatMap(({ answers }) => answers.map((answer) => classOf(kindOf(answer)))))
  const entries = [
    ...KINDS.filter((kind) => seen.has(kind)).map((kind) => ({ label: labelOf(kind), swatch: stroke(kind) })),
    { label: scenes.some(({ shard }) => shard !== undefined) ? 'the shard is broken' : 'Redis is broken', swatch: span },
    { label: 'attempt to connect', swatch: tick },
    ...(scenes.some(hasLongAnswer) ? [{ label: LONG, swatch: nothing }] : []),
  ]
  let [x, y] = [left, top]
  const parts: string[] = []
  for (const { label, swatch } of entries) {
    const width = SWATCH + 6 + label.length * CHARACTER
    if (x + width > right) [x, y] = [left, y + ROW]
    parts.push(swatch(x, y), textAt(x + SWATCH + 6, y + 4, label))
    x += width + GAP
  }
  return { markup: parts.join(''), height: y + ROW - top }
}

/** Each request reads and writes; it is marked by what its read was told, and as long as the slower of the two. */
const LONG = 'a long hit or miss: its read was answered in time, the write beside it was not'

function hasLongAnswer({ answers, settings: { timeout } }: Scene): boolean {
  return answers.some(({ status, confirmed, ms }) => status !== 'degraded' && confirmed === undefined && ms >= 0.9 * timeout)
}

type Swatch = (x: number, y: number) => string

function stroke(kind: string): Swatch {
  return (x, y) => `<path class="swatch ${kind}" d="M${px(x)} ${px(y)}h${SWATCH}"/>`
}

function span(x: number, y: number): string {
  return `<rect class="fault" x="${px(x)}" y="${px(y - 6)}" width="${SWATCH}" height="12"/>`
}

function nothing(): string {
  return ''
}

function tick(x: number, y: number): string {
  return `<path class="dials" d="M${px(x + SWATCH / 2)} ${px(y - 3)}v6"/>`
}
