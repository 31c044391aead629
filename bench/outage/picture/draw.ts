import { LIBRARIES } from '../libraries.ts'
import type { FaultRow, Results } from '../results.ts'
import { summaries } from '../summary.ts'
import { atMost, nameOf } from '../words.ts'
import { BAND_GAP, FOOTER, HEADER, LABEL_WIDTH, PANEL_GAP, PANEL_HEAD, PANEL_WIDTH, PANELS_IN_A_ROW, ROW_HEIGHT, WIDTH } from './layout.ts'
import { legend } from './legend.ts'
import { drawPanel, type Panel } from './panel.ts'
import { STYLE } from './style.ts'

/** A row of panels, which share their faults. */
interface Band {
  readonly wire: FaultRow['wire']
  readonly panels: readonly Panel[]
}

/** The picture of a run, as SVG: a panel for each library, a line for each fault. */
export function draw(results: Results): string {
  const bands = (['TCP', 'HTTP'] as const).flatMap((wire) => bandsOf(wire))
  let y = HEADER
  const drawn = bands.map((band) => {
    const faults = results.faults.filter(({ wire }) => wire === band.wire)
    const text = drawBand(band, faults, results, y)
    y += PANEL_HEAD + faults.length * ROW_HEIGHT + BAND_GAP
    return text
  })
  const height = y + FOOTER
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="t d">`,
    '<title id="t">Time to the first and to the second answer, for each fault and each library</title>',
    `<desc id="d">${inWords(results)}</desc>`,
    `<style>${STYLE}</style>`,
    legend(results.windowMs),
    ...drawn,
    ...footer(results).map((line, index, lines) => `<text class="s" x="0" y="${height - 6 - (lines.length - 1 - index) * 14}">${line}</text>`),
    '</svg>\n',
  ].join('\n')
}

function bandsOf(wire: FaultRow['wire']): Band[] {
  const panels = LIBRARIES.filter((one) => one.wire === wire)
  const bands: Band[] = []
  for (let from = 0; from < panels.length; from += PANELS_IN_A_ROW) bands.push({ wire, panels: panels.slice(from, from + PANELS_IN_A_ROW) })
  return bands
}

function drawBand({ wire, panels }: Band, faults: readonly FaultRow[], { cells, windowMs }: Results, y: number): string {
  const rows = faults.map(({ label }, row) => {
    const top = y + PANEL_HEAD + row * ROW_HEIGHT
    return `<text class="r" x="${LABEL_WIDTH - 8}" y="${top + ROW_HEIGHT - 3}">${label}</text>`
  })
  const drawn = panels.map((panel, index) => drawPanel(panel, faults, cells, windowMs, LABEL_WIDTH + index * (PANEL_WIDTH + PANEL_GAP), y))
  return [`<text class="t r" x="${LABEL_WIDTH - 8}" y="${y + 14}">${wire === 'TCP' ? 'over TCP' : 'over HTTP'}</text>`, ...drawn, ...rows].join('\n')
}

function inWords(results: Results): string {
  const lines = summaries(results).map(
    (one) =>
      `${nameOf(one)}, ${one.wire}: ${one.unanswered} of ${one.faults} faults without an answer, slowest second answer ${atMost(one.slowestSecond, results.windowMs)}.`,
  )
  return lines.join(' ').replaceAll('>', '&gt;')
}

function footer({ date, node, redis, machine, versions }: Results): string[] {
  // Not what is inside another package.
  const named = Object.entries(versions).filter(([name]) => !name.includes('node_modules') && name !== '@redis/client')
  const list = named.map(([name, version]) => `${name} ${version}`)
  const half = Math.ceil(list.length / 2)
  return [
    `${date.slice(0, 10)}, Node ${node.slice(1)}, Redis ${redis}, ${machine.cpus} CPUs, loopback, ${list.slice(0, half).join(', ')},`,
    `${list.slice(half).join(', ')}.`,
  ]
}
