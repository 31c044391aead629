import { LIBRARIES, titleOf } from './libraries.ts'
import type { Results } from './results.ts'
import { BOUND } from './subject.ts'
import { cellsOf, summaries, type Summary } from './summary.ts'
import { answerIn, atMost, exitIn, nameOf, storeIn, toldIn } from './words.ts'

/** The page of a run, as Markdown. */
export function page(results: Results): string {
  const { date, node, redis, machine, load, parallel, windowMs, versions } = results
  return `# Outages, side by side

<!-- Written by \`npm run bench:outage\` from bench/outage/results.json: change the program, not this page. -->

Today's libraries and fastmiss before the same faults: ${count(results, 'TCP')} over TCP, ${count(results, 'HTTP')} over Upstash's REST API. Each
library meets each fault in a process of its own, which asks twice for a stored value, then stores one, and then has nothing more to do.

![Time to the first and to the second answer, for each fault and each library](./outages.svg)

## The worst of each

${table(
  ['', 'first answer', 'second answer', 'no answer', 'connections', 'false misses', 'false writes', 'ends by itself'],
  summaries(results).map((one) => worst(one, windowMs)),
)}

- **first, second answer**: the slowest \`get\` of all faults, the client's making and its connection included in the first.
- **no answer**: faults in which a \`get\` had none within ${windowMs / 1_000} s. Nobody is made to wait longer: the process is ended.
- **connections**: the most attempts within ${windowMs / 1_000} s of one fault, as the runtime counts them, for three operations.
- **false misses**: faults in which a \`get\` said "not there" of a value that is stored, or of a Redis that said it is sick. An error is none.
  The libraries of the Keyv family emit an \`error\` event besides; it does not say which \`get\` it belongs to.
- **false writes**: faults in which a \`set\` was reported as done and the value was not in Redis in the end. \`cacheable\` and \`bentocache\`
  keep a layer in memory, and it may be this one that they speak of.
- **ends by itself**: faults after which the process ended without a call of \`close()\`.

## How to read it

Each library has its defaults, and the best settings that its documentation knows for a cache which must not hold up a request: every
bound that it lets one set is ${BOUND} ms, which is the default \`timeout\` of fastmiss. What they are, and where it is written, stands in
[bench/outage/subjects](../bench/outage/subjects). fastmiss has its defaults, and over TCP \`connection: 'reuse'\` besides.

What no column shows: fastmiss owes its second answers to its memory of the outage, and the price is that a Redis which is back is not
asked before \`cooldown\` is over. A client that dials on in the background may find it sooner. node-redis closes an idle connection with
its best settings, and dials anew; without \`socketTimeout\` a command that was written waits without a bound.

Over HTTP, Node's own \`fetch\`, which @upstash/redis uses, opens one connection more after a request that was given up, and where the
SYN was dropped it holds the process until its own connect timeout is over. A first answer includes what Node loads for its first request.

## The run

${new Date(date).toISOString().slice(0, 16).replace('T', ' ')} UTC, Node ${node.slice(1)}, Redis ${redis}, ${machine.system}, ${machine.cpus} CPUs (${machine.cpu}), ${parallel} processes at a time, one
of them starting. Load of the machine before and after: ${load.map((one) => one.toFixed(1)).join(' and ')}. ${busy(results)}Versions: ${Object.entries(
    versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.

\`npm run bench:outage\` does it again; \`-- --only fastmiss,ioredis --faults silent\` a part of it, \`-- --help\` says more.
All figures, the events of each \`error\` listener among them: [bench/outage/results.json](../bench/outage/results.json).

## The faults

${(['TCP', 'HTTP'] as const).map((wire) => `### ${wire}\n\n${faultTable(results, wire)}`).join('\n\n')}

## Every cell

${LIBRARIES.map(({ library, wire }) => `### ${titleOf(library)}, ${wire}\n\n${cellTables(results, library, wire)}`).join('\n\n')}
`
}

/** Where others used the machine too, every bound reads longer than it was set. */
function busy({ load, machine }: Results): string {
  const isBusy = Math.max(...load) > machine.cpus
  return isBusy ? 'Others kept the machine busy meanwhile, so that answers of all libraries came later than their timers were set for. ' : ''
}

function count({ faults }: Results, wire: Summary['wire']): number {
  return faults.filter((fault) => fault.wire === wire && fault.name !== 'healthy').length
}

function worst(one: Summary, windowMs: number): string[] {
  return [
    `${nameOf(one)}, ${one.wire}`,
    atMost(one.slowestFirst, windowMs),
    atMost(one.slowestSecond, windowMs),
    `${one.unanswered} of ${one.faults}`,
    String(one.mostDials),
    String(one.falseMisses),
    String(one.falseWrites),
    `${one.exits['by itself']} of ${one.faults}`,
  ]
}

function faultTable({ faults }: Results, wire: Summary['wire']): string {
  const rows = faults.filter((fault) => fault.wire === wire).map(({ label, detail }) => [label, detail])
  return table(['fault', 'what happens'], rows)
}

function cellTables(results: Results, library: string, wire: Summary['wire']): string {
  return summaries(results)
    .filter((one) => one.library === library && one.wire === wire)
    .map((one) => {
      const rows = cellsOf(results.cells, one).map((cell) => [
        results.faults.find(({ name, wire: on }) => name === cell.fault && on === wire)?.label ?? cell.fault,
        answerIn(cell.first, results.windowMs),
        cell.first === null ? '–' : answerIn(cell.second, results.windowMs),
        toldIn(cell),
        storeIn(cell),
        String(cell.dials),
        exitIn(cell.exit),
      ])
      const head = ['fault', 'first answer', 'second answer', 'tells a miss from a sick Redis', 'set', 'connections', 'process ends']
      return `#### ${nameOf(one)}\n\n${table(head, rows)}`
    })
    .join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
