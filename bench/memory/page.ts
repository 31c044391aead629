import { BEFORE, AFTER, CALLERS, KEYS, LOADER, OUTAGE, type Results, type Run } from './results.ts'

const BEGIN = '<!-- measured: begin -->'
const END = '<!-- measured: end -->'

/** @returns the document, with the figures of a run in the place of those before. @throws Error where it has no place for them */
export function withFigures(document: string, results: Results): string {
  const [before, rest] = document.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`the document has no ${BEGIN} and ${END}`)
  return `${before}${BEGIN}\n\n${figures(results)}\n\n${END}${after}`
}

function figures({ date, node, cpus, versions, runs }: Results): string {
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `| ${KEYS} keys that were read before, ${CALLERS} callers, a source that takes ${LOADER} ms | reads in ${OUTAGE / 1_000} s | calls of the source | p99, known outage | a key not read before |`,
    '|---|---|---|---|---|',
    ...runs.map(row),
    '',
    `\`npm run bench:memory\`, ${date.slice(0, 10)}: Node ${node.slice(1)}, ${cpus} CPUs, loopback; ${list.join(', ')}.`,
    `The last column is one read, a second into the outage, and what it took; it is watched until ${(OUTAGE + AFTER) / 1_000} s after the outage began, ${BEFORE / 1_000} s of health before it.`,
  ].join('\n')
}

function row({ subject, requests, loads, unanswered, unknown, p99 }: Run): string {
  const reads = unanswered === 0 ? count(requests) : `${count(requests)}, ${count(unanswered)} without an answer`
  return `| ${subject} | ${reads} | ${count(loads)} | ${p99} ms | ${unknown === null ? 'no answer' : `${unknown} ms`} |`
}

function count(of: number): string {
  return of.toLocaleString('en-US')
}
