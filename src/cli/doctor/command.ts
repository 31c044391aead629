import { Command, InvalidArgumentError } from 'commander'
import { CommandFailed } from '../command-failed.ts'
import { parseMilliseconds } from '../milliseconds.ts'
import { parseNamespace } from '../parse-namespace.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { trust } from '../trust.ts'
import type { Examination } from './examine.ts'
import { createResultPrinter } from './print-result.ts'

interface DoctorOptions {
  readonly token?: string
  readonly namespace?: string
  readonly ca?: string
  readonly nodeAddress?: Readonly<Record<string, string>>
  readonly timeout: number
  readonly json?: true
}

const ENVIRONMENT = `
Without a URL the environment is read: REDIS_URL, else UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN, else KV_REST_API_URL and
KV_REST_API_TOKEN. The credentials of sentinels are SENTINEL_USERNAME and SENTINEL_PASSWORD. No password, token or user name is ever printed.`

/** `fastmiss doctor [url]` */
export function doctorCommand(terminal: Terminal): Command {
  return new Command('doctor')
    .description('examine a Redis or Upstash step by step: what is broken, what to do, which timeouts fit')
    .argument('[url]', 'redis:, rediss:, unix:, https:, memory:, redis+cluster: or redis+sentinel:')
    .option('--token <token>', 'REST token, with an https: URL (better: in the environment)')
    .option('--namespace <name>', 'write the probe key in this namespace', parseNamespace)
    .option('--ca <file>', 'trust this certificate too (PEM)')
    .option('--node-address <from=to>', 'reach a node of a cluster elsewhere than it announces; may be given again', parseNodeAddress)
    .option('--timeout <ms>', 'wait so long for a first answer', parseMilliseconds, 1_000)
    .option('--json', 'print one line of JSON')
    .addHelpText('after', ENVIRONMENT)
    .action((url: string | undefined, options: DoctorOptions) => doctor(terminal, url, options))
}

async function doctor(
  terminal: Terminal,
  url: string | undefined,
  { token, namespace, ca, nodeAddress, timeout, json }: DoctorOptions,
): Promise<void> {
  // Node's net and TLS, and the entries of the package: for this command only.
  const { examine } = await import('./examine.ts')
  if (ca !== undefined) await trust(ca)
  const printer = createResultPrinter(terminal.out)
  const examination = await examine({
    url,
    token,
    namespace,
    nodeAddress,
    env: process.env,
    timeout,
    // It goes on where nobody reads any more: the exit code says how it ended (fastmiss doctor | grep -q PONG).
    signal: terminal.decided,
    ...(json === true ? {} : { onResult: printer.print }),
  })
  printer.end()
  if (examination.isLookupStuck === true) leaveAnyway()
  if (terminal.decided.aborted) return
  if (json === true) terminal.json(examination)
  if (!examination.isHealthy) throw new CommandFailed(verdict(examination))
  if (json !== true) terminal.out.line(terminal.out.paint('green', 'It can be used as a cache.'))
}

/** One after the other is added to those before it. */
function parseNodeAddress(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [from = '', to = '', ...more] = text.split('=')
  const isAddress = (address: string): boolean => /^(\[[\da-f:.]+\]|[\w.:-]+):\d{1,5}$/i.test(address)
  if (more.length > 0 || !isAddress(from) || !isAddress(to)) throw new InvalidArgumentError('Expected host:port=host:port.')
  // Nodes announce an address of IPv6 without brackets; people write it with them.
  return { ...before, [from.replace(/^\[(.*)\]/, '$1')]: to }
}

/** getaddrinfo cannot be cancelled, and holds the process for as long as the name servers let it wait. */
function leaveAnyway(): void {
  setTimeout(() => process.exit(), 50).unref()
}

function verdict({ steps }: Examination): string {
  const broken = steps.filter(({ status }) => status === 'failed').map(({ step }) => step)
  return `Broken: ${broken.join(', ')}`
}
