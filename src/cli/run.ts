import { Command, CommanderError } from 'commander'
import { CommandFailed } from './command-failed.ts'
import { BROKEN, OK, USAGE } from './exit-code.ts'
import type { Terminal } from './terminal/terminal.ts'
import { packageVersion } from './version.ts'
import { withoutSecrets } from './without-secrets.ts'

const EXIT_CODES = `
Exit codes: 0 all is well, 1 something is broken, 2 the command line was not understood, 130 interrupted.`

/**
 * Runs a command line.
 *
 * @param args what stands behind `fastmiss`
 * @param terminal where it talks to
 * @param commands what it can do
 * @returns the exit code
 */
export async function run(args: readonly string[], terminal: Terminal, commands: readonly Command[]): Promise<number> {
  const program = new Command('fastmiss')
    .description('Redis for a cache at the desk: serve it, examine it, rehearse its outage.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', EXIT_CODES)
  for (const command of commands) program.addCommand(command)
  const all = [program, ...commands]
  const known = all.flatMap((command) => [command.name(), ...command.options.flatMap(({ long, short }) => [long ?? '', short ?? ''])])
  for (const command of all) {
    command
      .exitOverride()
      .showHelpAfterError(`Try: fastmiss ${command === program ? '' : `${command.name()} `}--help`)
      .configureOutput({
        writeOut: terminal.out.write,
        writeErr: terminal.err.write,
        outputError: (text, write) => write(withoutSecrets(text.replace(/^error: /, ''), args, known)),
      })
  }
  try {
    if (args.length === 0) program.help({ error: true })
    await program.parseAsync(args, { from: 'user' })
    return OK
  } catch (error) {
    return exitCodeOf(error, terminal)
  }
}

function exitCodeOf(error: unknown, terminal: Terminal): number {
  // Commander has written its message already. Help and version that were asked for are no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? OK : USAGE
  // What breaks while a command is being ended is a part of its end. What it found out is told, whether or not its output is read.
  if (terminal.decided.aborted || (terminal.signal.aborted && !(error instanceof CommandFailed))) return BROKEN
  terminal.err.line(terminal.err.paint('red', error instanceof Error ? error.message : String(error)))
  return error instanceof CommandFailed ? error.exitCode : BROKEN
}
