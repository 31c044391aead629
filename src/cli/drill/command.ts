import { writeFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { CommandFailed } from '../command-failed.ts'
import type { Target } from '../doctor/target.ts'
import { USAGE } from '../exit-code.ts'
import { parseMilliseconds } from '../milliseconds.ts'
import { progress } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { trust } from '../trust.ts'
import type { Drill } from './drill.ts'
import type { DrillFault } from './faults.ts'

interface CommandOptions {
  readonly upstash?: true
  readonly cluster?: true
  readonly token?: string
  readonly ca?: string
  readonly faults?: string
  readonly timeout: number
  readonly cooldown: number
  readonly span?: number
  readonly memory?: true
  readonly svg?: string
  readonly json?: true
}

/** ms */
const SECOND_ANSWER = 200

const ABOUT = `
Without a URL it is a Redis of its own; with --upstash that Redis through the local REST gateway; with --cluster three
redis-servers, one of which breaks while the others answer. A given Redis is only read and written under a
random namespace, which is removed afterwards; the faults are made on the way to it, so nobody else notices.`

/** `fastmiss drill [url]` */
export function drillCommand(terminal: Terminal): Command {
  return new Command('drill')
    .description('rehearse the outage: every fault in turn, what the cache answered, and whether its promises were kept')
    .argument('[url]', 'redis:, rediss: or https:')
    .option('--upstash', 'over REST, through the local Upstash gateway')
    .option('--cluster', 'a cluster of its own, of which one shard breaks')
    .option('--token <token>', 'REST token, with an https: URL (better: in the environment)')
    .option('--ca <file>', 'trust this certificate too (PEM)')
    .option('--faults <names>', 'these only, as in silent,refuse')
    .option('--timeout <ms>', 'the timeout of the cache', parseMilliseconds, 250)
    .option('--cooldown <ms>', 'its first cooldown; 0 remembers nothing', parseCooldown, 1_000)
    .option('--span <ms>', 'how long each fault lasts (default: 1600, or twice the timeout)', parseMilliseconds)
    .option('--memory', 'each fault a second time, with copies in memory')
    .option('--svg <file>', 'draw what happened as a timeline')
    .option('--json', 'print one line of JSON, every answer included')
    .addHelpText('after', ABOUT)
    .action((url: string | undefined, options: CommandOptions) => drill(terminal, url, options))
}

async function drill(terminal: Terminal, url: string | undefined, options: CommandOptions): Promise<void> {
  const { upstash = false, cluster = false, ca, timeout, cooldown, memory = false, svg, json } = options
  const span = spanOf(options)
  const target = await targetOf(url, options)
  if (ca !== undefined) await trust(ca)
  const [{ runDrill }, { setStage }] = await Promise.all([import('./drill.ts'), import('./stage.ts')])
  const faults = await faultsOf(target?.wire === 'http' || upstash, options)
  await using stage = cluster ? await (await import('./cluster-stage.ts')).setClusterStage() : await setStage(target, upstash)
  if (json !== true)
    terminal.out.line(
      `Drilling ${stage.shown}: ${faults.length} faults of ${span} ms each${memory ? ', without copies in memory and with them' : ''}`,
    )
  const scenes = faults.length * (memory ? 2 : 1)
  const line = progress(terminal.err)
  const drilled = await runDrill(stage, {
    faults,
    settings: { timeout, cooldown, maxCooldown: Math.max(10_000, cooldown) },
    memory,
    span,
    ...(ca === undefined ? {} : { ca }),
    signal: terminal.signal,
    onProgress: (fault, done, phase) => line.show(`${done + 1}/${scenes}  ${fault}: ${phase}`),
  }).finally(line.clear)
  await print(terminal, drilled, json === true)
  if (svg !== undefined) await draw(svg, drilled)
  if (!drilled.areAllKept) throw new CommandFailed(verdict(drilled))
}

/** Long enough for the answer that takes the whole timeout, and for the one after it. */
function spanOf({ span, timeout }: CommandOptions): number {
  const least = timeout + SECOND_ANSWER
  if (span === undefined) return Math.max(1_600, 2 * timeout)
  if (span < least)
    throw new CommandFailed(`--span: a timeout of ${timeout} takes a fault of ${least} ms at least, or the second answer under it is not seen`, USAGE)
  return span
}

async function targetOf(url: string | undefined, { upstash, cluster, token }: CommandOptions): Promise<Target | undefined> {
  if (url === undefined && token !== undefined) throw new CommandFailed('--token goes with an https: URL', USAGE)
  if (cluster === true && (url !== undefined || upstash === true)) {
    throw new CommandFailed('--cluster is a cluster of its own: it goes with neither a URL nor --upstash', USAGE)
  }
  if (url === undefined) return undefined
  if (upstash === true) throw new CommandFailed('--upstash is for a drill without a URL: an https: URL is drilled over REST by itself', USAGE)
  const [{ readTarget }, { TargetError }] = await Promise.all([import('../doctor/target.ts'), import('../doctor/target-error.ts')])
  try {
    const target = readTarget({ url, token }, process.env)
    if (target.nodes !== undefined)
      throw new CommandFailed('A drill breaks one address. --cluster, without a URL, rehearses the outage of one shard', USAGE)
    if (target.place === undefined) throw new CommandFailed('A drill needs a redis:, rediss: or https: URL: faults are made on the network', USAGE)
    return target
  } catch (error) {
    throw error instanceof TargetError ? new CommandFailed(`${error.message}. ${error.hint}`, USAGE) : error
  }
}

async function faultsOf(isRest: boolean, { faults: names, timeout }: CommandOptions): Promise<readonly DrillFault[]> {
  const { restFaults, tcpFaults } = await import('./faults.ts')
  const all = isRest ? restFaults(timeout) : tcpFaults(timeout)
  if (names === undefined) return all
  const wanted = names.split(',').map((name) => name.trim())
  const unknown = wanted.findIndex((name) => !all.some((fault) => fault.name === name))
  // Not by its name: it may be anything that was pasted into the wrong place.
  const which = wanted.length === 1 ? 'there is no such fault' : `there is no such fault as the one in place ${unknown + 1}`
  if (unknown !== -1) throw new CommandFailed(`--faults: ${which}. Known: ${all.map(({ name }) => name).join(', ')}`, USAGE)
  return all.filter(({ name }) => wanted.includes(name))
}

async function draw(file: string, drilled: Drill): Promise<void> {
  const { drawTimeline } = await import('./timeline/draw-timeline.ts')
  await writeFile(file, drawTimeline(drilled)).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailed(`--svg: the file cannot be written (${error.code ?? 'unknown'})`, USAGE)
  })
}

async function print(terminal: Terminal, drilled: Drill, isJson: boolean): Promise<void> {
  if (isJson) return terminal.json(drilled)
  const { legendOf, tableOf } = await import('./table-of.ts')
  for (const row of tableOf(drilled.scenes, terminal.out)) terminal.out.line(row)
  for (const line of legendOf(drilled.scenes)) terminal.out.line(terminal.out.paint('dim', line))
  if (drilled.areAllKept) terminal.out.line(terminal.out.paint('green', 'Every promise was kept.'))
}

function verdict({ scenes }: Drill): string {
  const broken = scenes.filter((scene) => scene.verdict.broken.length > 0)
  const names = broken.map(({ fault, settings }) => (settings.memory === undefined ? fault : `${fault} with copies in memory`))
  return `Promises were broken under ${[...new Set(names)].join(', ')}`
}

function parseCooldown(text: string): number {
  if (text === '0') return 0
  try {
    return parseMilliseconds(text)
  } catch {
    throw new InvalidArgumentError('Expected whole milliseconds, 0 to 600000.')
  }
}
