import { STYLE } from '../picture/style.ts'
import type { Came, FailoverResults, FailoverRun, Read } from './results.ts'
import { failoverTable, summaryOf } from './summary.ts'

/** px */
const WIDTH = 840
const LEFT = 210
const LANE = 15
const GROUP = 2 * LANE + 12
const HEADER = 84
const FOOTER = 44
/** px: an answer that takes no time is seen, too. */
const LEAST = 1.6
/** ms before the kill that are drawn. */
const BEFORE = 500

const KINDS: readonly { readonly came: Came; readonly name: string }[] = [
  { came: 'hit', name: 'the value' },
  { came: 'degraded', name: 'degraded, at once or within its timeout' },
  { came: 'threw', name: 'an error' },
  { came: 'never', name: 'no answer' },
]

/** Colours of 3:1 and more upon the panel, in light and in dark. */
const COLOURS = `
.hit{stroke:#1a7f5a}.degraded{stroke:#a37400}.threw{stroke:#b3261e}.never{stroke:#7d46b8}.miss{stroke:#b3261e}.k{stroke:var(--x);stroke-dasharray:3 3;fill:none}.o{stroke:var(--ink);stroke-width:1.6;fill:none}
.hit,.degraded,.threw,.never,.miss{fill:none;stroke-width:10}
@media (prefers-color-scheme:dark){.hit{stroke:#3fbf8f}.degraded{stroke:#e3b341}.threw,.miss{stroke:#ff7b7b}.never{stroke:#bd93ff}}`

/** The picture of a run: for each library a lane of keys whose primary lives, and one of keys whose primary was killed. */
export function drawFailover(results: FailoverResults): string {
  const { runs, windowMs, date, node, redis, cpus, pace, versions } = results
  const perMs = (WIDTH - LEFT - 8) / (windowMs + BEFORE)
  const x = (at: number): number => LEFT + (at + BEFORE) * perMs
  const bottom = HEADER + runs.length * GROUP
  const height = bottom + FOOTER
  const about = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="t d">`,
    '<title id="t">One primary of three is killed: reads of live and of dead keys over time</title>',
    `<desc id="d">${escape(failoverTable(results).replaceAll('\n', ' '))}</desc>`,
    `<style>${STYLE}${COLOURS}</style>`,
    '<text class="h1" x="0" y="18">One primary of three is killed</text>',
    `<text class="s" x="0" y="35">A read of each kind every ${pace} ms, none waits for another. A stroke is as long as its answer took; what has none ends at the edge.</text>`,
    legend(runs),
    ...ticks(windowMs, x, bottom),
    ...runs.map((run, index) => group(run, HEADER + index * GROUP, x, windowMs)),
    `<path class="k" d="M${px(x(0))} ${HEADER - 6}V${bottom}"/>`,
    `<text class="s m" x="${px((LEFT + WIDTH) / 2)}" y="${bottom + 26}">seconds since the kill; the tick in a lane of dead keys: a replica has taken over</text>`,
    `<text class="s" x="0" y="${height - 4}">${date.slice(0, 10)}, Node ${node.slice(1)}, Redis ${redis}, ${cpus} CPUs, loopback, ${about.join(', ')}</text>`,
    '</svg>\n',
  ].join('\n')
}

/** What occurs in the picture, and nothing else. */
function legend(runs: readonly FailoverRun[]): string {
  const seen = new Set(runs.flatMap(({ live, dead }) => [...live, ...dead].map(([, , came]) => came)))
  let at = 0
  const parts = KINDS.filter(({ came }) => seen.has(came)).map(({ came, name }) => {
    const part = `<path class="${came}" d="M${at} 54h12"/><text class="s" x="${at + 17}" y="58">${name}</text>`
    at += 17 + name.length * 5.6 + 18
    return part
  })
  return parts.join('')
}

function ticks(windowMs: number, x: (at: number) => number, bottom: number): string[] {
  return Array.from({ length: windowMs / 1_000 + 1 }, (_, second) => {
    const at = px(x(second * 1_000))
    return `<path class="g" d="M${at} ${HEADER}V${bottom}"/><text class="s m" x="${at}" y="${bottom + 12}">${second}</text>`
  })
}

function group(run: FailoverRun, top: number, x: (at: number) => number, windowMs: number): string {
  const { live, dead } = summaryOf(run)
  const takeover = px(x(Math.min(run.takeoverAt, windowMs)))
  const name = `<text class="t" x="0" y="${top + 12}">${escape(run.library)}</text><text class="s" x="0" y="${top + 26}">${escape(run.settings)}</text>`
  const lane = (kind: 'live' | 'dead', y: number, failed: number): string =>
    `<text class="s r" x="${LEFT - 8}" y="${y + 11}">${kind}</text><g><title>${kind} keys: ${failed} reads were no hit</title><rect class="p" x="${LEFT}" y="${y + 1}" width="${WIDTH - LEFT - 8}" height="${LANE - 3}"/>${strokes(run[kind], y + 7, x, windowMs)}</g>`
  return [
    name,
    lane('live', top, live.failed),
    lane('dead', top + LANE, dead.failed),
    `<path class="o" d="M${takeover} ${top + LANE + 1}v${LANE - 3}"/>`,
  ].join('')
}

/** A path for each kind. What comes last lies above what took longer. */
function strokes(reads: readonly Read[], y: number, x: (at: number) => number, windowMs: number): string {
  const shown = reads.filter(([at]) => at >= -BEFORE && at < windowMs)
  return (['never', 'threw', 'miss', 'degraded', 'hit'] as const)
    .map((kind) => {
      const path = shown
        .filter(([, , came]) => came === kind)
        .map(([at, ms]) => `M${px(x(at))} ${y}h${px(Math.max(LEAST, x(Math.min(at + ms, windowMs)) - x(at)))}`)
      return path.length === 0 ? '' : `<path class="${kind}" d="${path.join('')}"/>`
    })
    .join('')
}

function px(value: number): number {
  return Math.round(value * 10) / 10
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
