#!/usr/bin/env node
import { devCommand } from './dev/command.ts'
import { doctorCommand } from './doctor/command.ts'
import { drillCommand } from './drill/command.ts'
import { run } from './run.ts'
import { openTerminal } from './terminal/terminal.ts'

// Once nothing is left to do, and not before: what a command left running still shows. By process.exit(), since Node 24.21 was seen to
// spin for ever while it closes the handles of a process that had threads (in CleanupHandles, on a busy machine).
process.once('beforeExit', () => process.exit())

const terminal = openTerminal()
const exitCode = await run(process.argv.slice(2), terminal, [devCommand(terminal), doctorCommand(terminal), drillCommand(terminal)])
// The code of a signal stands already, or of an output that cannot be written. No process.exit(): what a command left running would show.
if (!terminal.decided.aborted) process.exitCode = exitCode
