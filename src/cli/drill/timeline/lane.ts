import type { Scene } from '../drill.ts'
import type { Verdict } from '../judge.ts'
import { answerOf, inMs, nameOf } from '../table-of.ts'
import { escape, px, textAt } from './markup.ts'
import { classOf, kindOf, KINDS } from './palette.ts'
import type { Scale } from './scale.ts'

/** px */
export const LANE_HEIGHT = 32
/** Where the columns behind the plot end, px. */
export const COLUMNS = { first: 704, second: 762, connections: 818, recovery: 888, kept: 904 } as const

/** Where the ticks begin below the middle of the marks, px. */
const TICKS_AT = 9
const TICK_HEIGHT = 5
/** Characters of the verdict that fit. */
const VERDICT_LENGTH = 14

/** One fault: its span, every answer, every attempt to connect, and what is said about it. */
export function lane(scene: Scene, top: number, scale: Scale): string {
  const { shard, mendedAt, verdict, settings } = scene
  const middle = top + LANE_HEIGHT / 2 - 2
  const baseline = middle + 4
  const isBroken = shard === undefined || shard.number === 1
  const style = isBroken && settings.memory === undefined ? 'strong' : 'quiet'
  return `<g><title>${escape(sentenceFor(scene))}</title>
${isBroken ? shade(scale.x(0), scale.x(mendedAt), top) : ''}
<g class="marks">${marksOf(scene, middle, scale)}</g>
<path class="dials" d="${ticksOf(scene, middle, scale)}"/>
${textAt(scale.left - 12, baseline, nameOf(scene).trim(), style, 'end')}
${textAt(COLUMNS.first, baseline, inMs(verdict.firstMs), '', 'end')}${textAt(COLUMNS.second, baseline, inMs(verdict.secondMs), '', 'end')}
${textAt(COLUMNS.connections, baseline, String(verdict.connections), '', 'end')}${textAt(COLUMNS.recovery, baseline, inMs(verdict.recoveryMs), '', 'end')}
${verdictAt(verdict, baseline)}</g>`
}

/** While a fault is on. */
function shade(left: number, right: number, top: number): string {
  return `<rect class="fault" x="${px(left)}" y="${px(top + 2)}" width="${px(right - left)}" height="${LANE_HEIGHT - 4}"/>`
}

/** One path a kind: a stroke for each answer, from when it was asked for to when it came. */
function marksOf({ answers }: Scene, middle: number, scale: Scale): string {
  return KINDS.map((kind) => {
    const marks = answers.filter((answer) => classOf(kindOf(answer)) === kind)
    if (marks.length === 0) return ''
    const strokes = marks.map(({ startedAt, ms }) => `M${px(scale.x(startedAt))} ${px(middle)}h${px(scale.width(ms))}`)
    return `<path class="${kind}" d="${strokes.join('')}"/>`
  }).join('')
}

function ticksOf({ dials }: Scene, middle: number, scale: Scale): string {
  return dials.map((at) => `M${px(scale.x(at) + 0.5)} ${px(middle + TICKS_AT)}v${TICK_HEIGHT}`).join('')
}

function verdictAt({ broken }: Verdict, baseline: number): string {
  if (broken.length === 0) return textAt(COLUMNS.kept, baseline, '✓ kept', 'kept')
  const all = broken.join(', ')
  return textAt(COLUMNS.kept, baseline, `✗ ${all.length <= VERDICT_LENGTH ? all : `${broken.length} broken`}`, 'broken')
}

/** The whole lane for those who do not see it. */
export function sentenceFor({ fault, shard, settings, answers, verdict }: Scene): string {
  const { firstMs, secondMs, connections, recoveryMs, broken } = verdict
  const outcome = broken.length === 0 ? 'all promises kept' : `broken: ${broken.join(', ')}`
  const who = shard === undefined ? fault : `${fault}, shard ${shard.number} of ${shard.of}${shard.number === 1 ? '' : ', which is not broken'}`
  const copies = settings.memory === undefined ? '' : ' with copies in memory'
  return `${who}${copies}: first answer ${answerOf({ answers })} after ${inMs(firstMs)}, second after ${inMs(secondMs)}, ${connections} connection attempts, recovered after ${inMs(recoveryMs)}, ${outcome}.`
}
