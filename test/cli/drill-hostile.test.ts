import { expect, test } from 'vitest'
import { runDrill } from '../../src/cli/drill/drill.ts'
import { tcpFaults } from '../../src/cli/drill/faults.ts'
import type { Verdict } from '../../src/cli/drill/judge.ts'
import { setStage } from '../../src/cli/drill/stage.ts'

/** What a drill says of another client, under a server that is silent. */
async function verdictOn(name: string): Promise<Verdict> {
  await using stage = await setStage(undefined, false)
  const { areAllKept, scenes } = await runDrill(stage, {
    faults: tcpFaults(100).filter((fault) => fault.name === 'silent'),
    settings: { timeout: 100, cooldown: 300, maxCooldown: 1_000 },
    span: 700,
    client: new URL(`support/clients/${name}.mjs`, import.meta.url).href,
    signal: AbortSignal.timeout(60_000),
  })
  expect(areAllKept).toBe(false)
  const [scene] = scenes
  if (scene === undefined) throw new Error('no scene')
  return scene.verdict
}

test.concurrent('a client that dials behind its answers loops, and never ends', async () => {
  const { broken, connections } = await verdictOn('looping')
  expect(broken).toEqual(expect.arrayContaining(['no loop', 'nothing left']))
  expect(connections).toBeGreaterThan(5)
}, 60_000)

test.concurrent('a client that waits beyond the timeout, each time', async () => {
  const { broken, firstMs, secondMs } = await verdictOn('slow')
  expect(broken).toEqual(expect.arrayContaining(['bounded', 'remembered']))
  expect(Math.min(firstMs ?? 0, secondMs ?? 0)).toBeGreaterThan(390)
}, 60_000)

test.concurrent('a client that takes a sick Redis for a miss and confirms every write', async () => {
  expect((await verdictOn('lying')).broken).toContain('says why')
}, 60_000)

test.concurrent('a client that hangs is given up on', async () => {
  const { broken, firstMs, recoveryMs } = await verdictOn('hanging')
  expect(broken).toEqual(expect.arrayContaining(['bounded', 'nothing left', 'comes back']))
  expect([firstMs, recoveryMs]).toEqual([undefined, undefined])
}, 60_000)

test('a client that blocks its own event loop is not excused by that', async () => {
  expect((await verdictOn('blocking')).broken).toContain('bounded')
}, 60_000)
