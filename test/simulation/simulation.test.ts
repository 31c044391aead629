import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { judge } from './judge.ts'
import { type Plan, planOf, type Step } from './plan.ts'
import { runPlan } from './run-plan.ts'
import { shrink } from './shrink.ts'

/** CI runs as many as it has time for; at the desk a few thousand are enough to find what a change breaks. */
const SEEDS = process.env['SIMULATION_SEEDS'] ?? (process.env['CI'] === undefined ? '2000' : '20000')

const command = fileURLToPath(new URL('simulate.ts', import.meta.url))

/** A call outside an invocation. */
function step(name: Step['name'], at: number, keys: readonly string[] = ['a']): Step {
  return {
    what: 'step',
    at,
    isolate: 0,
    invocation: undefined,
    name,
    keys,
    tags: [],
    lateTags: undefined,
    ttl: undefined,
    swr: 0,
    staleIfError: 0,
    loadsFor: 0,
    isLoaderFailing: false,
    hasLease: false,
    hasWaitUntil: false,
  }
}

const isolate: Plan['isolates'][number] = {
  cooldown: 1_000,
  maxCooldown: 10_000,
  connection: 'per-invocation',
  sharesRoot: 'while-busy',
  memory: undefined,
}

test('whatever servers, networks and clocks do, the promises hold and no value is wrong', { timeout: 300_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', command, '--seeds', SEEDS], { maxBuffer: 1e8 }).catch(
    (error: { readonly stdout: string }) => error,
  )
  expect(stdout).toBe(`${SEEDS} seeds, 0 failed\n`)
})

test('a seed gives the same run each time', async () => {
  const [one, other] = [await runPlan(planOf(7)), await runPlan(planOf(7))]
  expect(one.history.operations.map(({ began, ended, outcome }) => [began, ended, JSON.stringify(outcome)])).toEqual(
    other.history.operations.map(({ began, ended, outcome }) => [began, ended, JSON.stringify(outcome)]),
  )
  expect(one.history.operations.length).toBeGreaterThan(4)
})

test('runs are what users live through: hits, misses, stale values, degraded answers, outages, many nodes', async () => {
  const statuses = new Set<string>()
  let cooldowns = 0
  let moved = 0
  for (let seed = 1; seed <= 150; seed += 1) {
    const run = await runPlan(planOf(seed))
    for (const { outcome } of run.history.operations) if (isStatus(outcome)) statuses.add(outcome.status)
    cooldowns += run.history.coolings.length
    moved += run.plan.items.filter(({ what }) => what === 'move').length
  }
  expect([...statuses].toSorted()).toEqual(['degraded', 'hit', 'miss', 'ok', 'stale'])
  expect(Math.min(cooldowns, moved)).toBeGreaterThan(5)
})

test('the judge sees what is wrong: a value of another key, a hang, a write that is not there, a dial with no operation behind it', async () => {
  const plan: Plan = {
    seed: 1,
    nodes: 1,
    endsAt: 500,
    isolates: [isolate],
    items: [step('set', 0), step('get', 100), step('set', 200, ['b']), step('delete', 300, ['b'])],
  }
  const run = await runPlan(plan)
  expect(judge(run)).toEqual([])
  const [set, get, , gone] = run.history.operations
  if (set === undefined || get === undefined || gone === undefined) throw new Error('The plan was not carried out')
  const told = { ...get }
  get.outcome = { key: 'b', id: 2 }
  expect(judge(run)).toEqual(['get(a) of process 0 at 100.0 ms: gave the value of b for a'])
  get.outcome = { key: 'a', id: 99 }
  expect(judge(run)).toEqual(['get(a) of process 0 at 100.0 ms: gave 99, which was not stored under a then'])
  get.outcome = told.outcome
  get.ended = undefined
  expect(judge(run)).toContain('get(a) of process 0 at 100.0 ms: never settled')
  get.ended = { at: 400, order: told.ended?.order ?? 0 }
  expect(judge(run)).toEqual(['get(a) of process 0 at 100.0 ms: took 300.0 ms'])
  get.ended = told.ended
  expect(judge({ ...run, held: new Map() })).toContain('set(a) of process 0 at 0.0 ms: said that a is stored, and it was not (ttl undefined)')
  expect(
    judge({ ...run, connections: [{ open: () => 1, dials: [{ at: 450, order: 1e9, address: '' }], answers: [] }], timersLeft: 2, unclosed: 1 }),
  ).toEqual([
    'process 0 dialled at 450.0 ms with no operation behind it',
    '1 connections were left open',
    '2 timers were left',
    '1 caches never closed',
  ])
})

test('the judge sees a value stored as if it were newer than an invalidation, and a cooldown that ends by an answer from before it', async () => {
  const items: Plan['items'] = [
    { ...step('invalidateTags', 0), tags: ['t'] },
    { ...step('wrap', 100), loadsFor: 10, lateTags: ['t'] },
    { what: 'fault', node: 0, at: 300, until: 600, fault: 'refused' },
    step('get', 400),
    step('get', 2_000),
  ]
  const run = await runPlan({ seed: 1, nodes: 1, endsAt: 3_000, isolates: [isolate], items })
  expect(judge(run)).toEqual([])
  const [load] = run.history.loads
  const [connections] = run.connections
  if (load === undefined || connections === undefined) throw new Error('The plan was not carried out')
  const early = { ...run, history: { ...run.history, loads: [{ ...load, began: { at: 0, order: 0 } }] } }
  expect(judge(early)).toEqual(['the load of a in process 0 at 0.0 ms was stored under a version of t that is newer'])
  const unasked = { ...run, connections: [{ ...connections, answers: connections.answers.filter(({ writtenAt }) => writtenAt < 400) }] }
  expect(judge(unasked)).toEqual([expect.stringMatching(/^the cooldown of process 0 of 40\d\.\d ms was ended by an answer from before it$/)])
})

test('clear says false while one primary of a cluster is out, also where nothing was asked before', async () => {
  const items: Plan['items'] = [
    ...['a', 'b', 'c', 'd'].map((key) => step('set', 0, [key])),
    { what: 'fault', node: 0, at: 100, until: 400, fault: 'refused' },
    { ...step('clear', 200), isolate: 1 },
    { ...step('clear', 3_000), isolate: 1 },
  ]
  const run = await runPlan({ seed: 1, nodes: 3, endsAt: 4_000, isolates: [isolate, isolate], items })
  expect(judge(run)).toEqual([])
  expect(run.history.operations.filter(({ step: { name } }) => name === 'clear').map(({ outcome }) => outcome)).toEqual([false, true])
})

test('an operation whose time is over asks nothing more, and dials for nobody', async () => {
  const ofHealth: Plan = {
    seed: 4070,
    nodes: 3,
    endsAt: 1_624,
    isolates: [{ ...isolate, connection: 'reuse' }],
    items: [
      { what: 'fault', node: 2, at: 933, until: 3_800, fault: 'silent' },
      { what: 'fault', node: 0, at: 292, until: 2_363, fault: 'half' },
      step('get', 200, ['c']),
      step('lookup', 1_341, ['d']),
      step('health', 1_368),
    ],
  }
  const run = await runPlan(ofHealth)
  expect(judge(run)).toEqual([])
  // Which nodes are up it did not come to ask.
  expect(run.history.operations.at(-1)?.outcome).toEqual({
    status: 'degraded',
    transport: 'cluster',
    ms: 250,
    reason: 'timeout',
    error: expect.anything() as unknown,
  })
  const ofTags: Plan = {
    seed: 8524,
    nodes: 3,
    endsAt: 1_466,
    isolates: [{ ...isolate, connection: 'reuse', cooldown: 0, maxCooldown: 0 }, isolate],
    items: [
      { what: 'fault', node: 2, at: 895, until: 985, fault: 'reset' },
      { what: 'fault', node: 1, at: 527, until: 2_069, fault: 'frozen' },
      step('getMany', 657, ['b', 'c', 'd']),
      { ...step('wrapMany', 63, ['c', 'd']), isolate: 1, tags: ['t', 'u'] },
    ],
  }
  expect(judge(await runPlan(ofTags))).toEqual([])
})

test('a health() of a cluster keeps to its timeout though the clock is set back meanwhile', async () => {
  const run = await runPlan({
    seed: 11091,
    nodes: 3,
    endsAt: 1_003,
    isolates: [isolate, isolate],
    items: [
      { what: 'fault', node: 0, at: 119, until: 397, fault: 'dropped' },
      { what: 'jump', at: 299, by: -334, whose: 'client' },
      { ...step('health', 12), isolate: 1 },
      { ...step('health', 113), isolate: 1 },
    ],
  })
  expect(judge(run)).toEqual([])
  expect(run.history.operations[1]?.outcome).toMatchObject({ status: 'degraded', ms: 0 })
})

test('a failing plan is cut down to what its failure needs', async () => {
  const plan = planOf(3)
  const short = await shrink(plan, async (one) => one.items.some((item) => item.what === 'step' && item.name === 'lookup'))
  expect(short.items).toHaveLength(1)
})

function isStatus(outcome: unknown): outcome is { readonly status: string } {
  return typeof outcome === 'object' && outcome !== null && 'status' in outcome && typeof outcome.status === 'string'
}
