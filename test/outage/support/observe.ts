import { expectedOf, type FaultRow, type Outage } from './outage.ts'
import type { Exit, Runtime } from './runtime.ts'
import { SECRETS } from './secrets.ts'
import { COOLDOWN, type StepName, type Told } from './subject.ts'

/** What was counted when a step was over: at the door, and by the runtime. */
export interface Count {
  readonly attempts: number
  readonly dials: number
}

/** Everything seen of one fault in one runtime. */
export interface Observation {
  readonly told: Readonly<Partial<Record<StepName, Told>>>
  readonly counts: Readonly<Partial<Record<StepName | 'quiet', Count>>>
  /** Keys written in the outage that Redis held after it. */
  readonly stored: readonly string[]
  readonly recoveredStored: boolean
  /** Invocations until one was answered: one, unless the machine was too busy for the timeout. */
  readonly recoveries: number
  readonly exit: Exit
}

/** A connection that was destroyed is seen as closed a moment later at the other end. */
const SETTLES_WITHIN = 500

const MAX_RECOVERIES = 3

/** Plays the whole story of one fault in one runtime. */
export async function observe(row: FaultRow, runtime: Runtime): Promise<Observation> {
  await using outage = await row.start()
  if (row.isIncurable !== true) await outage.raw('SET', SECRETS.key, JSON.stringify({ value: SECRETS.value }))
  if (row.onset === 'cold') await outage.break()
  await using stage = await runtime.start(row, outage, async (order) => {
    if (order === 'break') await outage.break()
    else await settled(outage, expectedOf(row, runtime.name).isKept === true && runtime.keepsConnection ? 1 : 0)
    return { open: outage.open }
  })
  const told: Partial<Record<StepName, Told>> = {}
  const counts: Partial<Record<StepName | 'quiet', Count>> = {}
  const play = async (name: StepName): Promise<Told> => {
    const answer = await stage.step(name)
    told[name] = answer
    counts[name] = { attempts: outage.attempts, dials: answer.dials }
    return answer
  }
  /** Again where the machine was too busy for the timeout. */
  async function recover(name: StepName): Promise<[Told, number]> {
    for (let tries = 1; ; tries += 1) {
      const answer = await play(name)
      if (tries === MAX_RECOVERIES || answer.answers[0]?.reason !== 'timeout') return [answer, tries]
      await pastCooldown()
    }
  }

  const first = await play('first')
  const second = await play('second')
  await play('stateless')
  // Past the cooldown, and nobody asks for anything.
  await pastCooldown()
  counts.quiet = { attempts: outage.attempts, dials: counts.stateless?.dials ?? 0 }
  let stored: readonly string[] = []
  let recoveredStored = false
  let recoveries = 0
  if (row.isIncurable !== true) {
    await outage.cure()
    stored = await present(outage, Object.keys({ ...first.writes, ...second.writes }))
    const [recovered, tries] = await recover('recover')
    recoveries = tries
    recoveredStored = (await present(outage, Object.keys(recovered.writes))).length === 1
    if (runtime.hasCopies) await recover('keep')
    await outage.break()
    if (runtime.hasCopies) await play('copied')
  }
  await play('last')
  const exit = await stage.leave()
  // Some faults can only be ended from the healthy side.
  if (row.isIncurable !== true) await outage.cure()
  return { told, counts, stored, recoveredStored, recoveries, exit }
}

async function present(outage: Outage, keys: readonly string[]): Promise<readonly string[]> {
  const values = await Promise.all(keys.map((key) => outage.raw('GET', key)))
  return keys.filter((_, index) => String(values[index]).includes(SECRETS.value))
}

async function settled(outage: Outage, kept: number): Promise<void> {
  const endAt = Date.now() + SETTLES_WITHIN
  while (outage.open > kept && Date.now() < endAt) await new Promise((resolve) => setTimeout(resolve, 5))
}

function pastCooldown(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, COOLDOWN + 50))
}
