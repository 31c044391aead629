import type { Drill } from '../drill.ts'
import { PACE } from '../rehearse.ts'
import { COLUMNS, lane, LANE_HEIGHT, sentenceFor } from './lane.ts'
import { legend } from './legend.ts'
import { escape, px, textAt } from './markup.ts'
import { styleSheet } from './palette.ts'
import { type Scale, scaleFor, ticksOf } from './scale.ts'

/** px */
const WIDTH = 1_000
const MARGIN = 16
const TITLE_AT = 30
const LEGEND_AT = 76
const HEADING = 44
const AXIS = 46

/**
 * The drill as one picture that needs nothing but itself: a lane for each fault, an axis of time, a legend. Light or dark as its
 * viewer is.
 *
 * @returns SVG
 */
export function drawTimeline(drill: Drill): string {
  const { scenes, target, settings } = drill
  const scale = scaleFor(scenes)
  const key = legend(scenes, MARGIN, LEGEND_AT, WIDTH - MARGIN)
  const top = LEGEND_AT + key.height + HEADING
  const bottom = top + scenes.length * LANE_HEIGHT
  const faults = new Set(scenes.map(({ fault }) => fault)).size
  const what = scenes.some(({ shard }) => shard !== undefined) ? 'The outage of one shard' : 'An outage'
  const hasCopies = scenes.some((scene) => scene.settings.memory !== undefined)
  const title = `${what} rehearsed: ${faults} fault${faults === 1 ? '' : 's'} over ${drill.wire === 'tcp' ? 'TCP' : 'REST'}${hasCopies ? ', without copies in memory and with them' : ''}`
  const subtitle = `${target}; timeout ${settings.timeout} ms, cooldown ${settings.cooldown} ms, a request every ${PACE} ms${hasCopies ? '; a copy answers where Redis does not' : ''}`
  const height = bottom + AXIS
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="drill-title drill-description">
<title id="drill-title">${escape(title)}</title>
<desc id="drill-description">${escape([`${subtitle}.`, ...scenes.map(sentenceFor)].join(' '))}</desc>
<style>${styleSheet()}</style>
<rect class="paper" width="${WIDTH}" height="${height}"/>
${textAt(MARGIN, TITLE_AT, title, 'title')}${textAt(MARGIN, TITLE_AT + 20, subtitle, 'quiet')}
${key.markup}
${headings(scale, top - 12)}
${grid(scale, top, bottom)}
${scenes.map((scene, index) => lane(scene, top + index * LANE_HEIGHT, scale)).join('\n')}
${axis(scale, bottom)}
</svg>
`
}

function headings({ left }: Scale, y: number): string {
  const names = [
    ['first', COLUMNS.first, 'answer'],
    ['second', COLUMNS.second, 'answer'],
    ['connec-', COLUMNS.connections, 'tions'],
    ['recovered', COLUMNS.recovery, 'after'],
  ] as const
  const columns = names.map(([above, x, below]) => textAt(x, y - 14, above, 'quiet', 'end') + textAt(x, y, below, 'quiet', 'end'))
  return [textAt(left - 12, y, 'fault', 'quiet', 'end'), ...columns, textAt(COLUMNS.kept, y, 'promises', 'quiet')].join('')
}

function grid(scale: Scale, top: number, bottom: number): string {
  const lines = ticksOf(scale).map((at) => `M${px(scale.x(at))} ${top}V${bottom}`)
  // Behind the marks: the first answers under a fault are right at this line.
  return `<path class="grid" d="${lines.join('')}"/><path class="zero" d="M${px(scale.x(0))} ${top}V${bottom}"/>`
}

function axis(scale: Scale, bottom: number): string {
  const labels = ticksOf(scale).map((at) => textAt(scale.x(at), bottom + 16, String(at / 1_000), 'quiet tick', 'middle'))
  const middle = (scale.left + scale.right) / 2
  return labels.join('') + textAt(middle, bottom + 34, 'seconds since Redis broke', 'quiet', 'middle')
}
