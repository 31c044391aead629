import type { Run } from './run.ts'

/** What happened in a run, a line an event, in order. */
export function traceOf({ plan, history, connections, held, cluster }: Run): string[] {
  const lines: (readonly [order: number, at: number, text: string])[] = []
  for (const { step, began, ended, outcome, error } of history.operations) {
    const where = `process ${step.isolate}${step.invocation === undefined ? '' : `, invocation ${step.invocation}`}`
    const what = `${step.name}(${step.name === 'invalidateTags' ? step.tags.join() : step.keys.join()})`
    lines.push([
      began.order,
      began.at,
      `${where}: ${what}${step.ttl === undefined ? '' : ` ttl ${step.ttl}`}${step.tags.length === 0 ? '' : ` tags ${step.tags.join()}`}`,
    ])
    if (ended !== undefined)
      lines.push([
        ended.order,
        ended.at,
        `${where}: ${what} of ${began.at.toFixed(1)} -> ${error === undefined ? JSON.stringify(outcome) : error instanceof Error ? error.message : typeof error}`,
      ])
  }
  for (const load of history.loads) {
    lines.push([load.began.order, load.began.at, `process ${load.isolate}: loader begins ${load.keys.join()} (${load.ids.join()})`])
    if (load.ended !== undefined)
      lines.push([load.ended.order, load.ended.at, `process ${load.isolate}: loader ends ${load.keys.join()} (${load.ids.join()})`])
  }
  for (const { isolate, began, ms, node = '' } of history.coolings)
    lines.push([began.order, began.at, `process ${isolate}: cooldown of ${ms} ms ${node}`])
  for (const [isolate, { dials }] of connections.entries())
    for (const { order, at, address } of dials) lines.push([order, at, `process ${isolate}: dials ${address}`])
  for (const [key, spans] of held)
    for (const { order, at, text } of spans)
      lines.push([order, at, `server${cluster === undefined ? '' : ` ${cluster.ownerOf(key)}`}: ${key} = ${text ?? 'nothing'}`])
  const planned = plan.items.flatMap((item): string[] => {
    if (item.what === 'fault') return [`${item.at} to ${item.until} ms: server ${item.node} ${item.fault}`]
    if (item.what === 'jump') return [`${item.at} ms: the clock of the ${item.whose} jumps by ${item.by} ms`]
    if (item.what === 'move') return [`${item.at} ms: the slot of ${item.key} goes to server ${item.to}`]
    return item.what === 'invocation' ? [`${item.at} to ${item.until} ms: invocation ${item.number} of process ${item.isolate}`] : []
  })
  const isolates = plan.isolates.map((one, number) => `process ${number}: ${JSON.stringify(one)}`)
  return [...isolates, ...planned, ...lines.toSorted(([a], [b]) => a - b).map(([, at, text]) => `${at.toFixed(1).padStart(9)}  ${text}`)]
}
