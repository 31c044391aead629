#!/usr/bin/env node
import { devCommand } from './dev/command.ts'
import { doctorCommand } from './doctor/command.ts'
import { drillCommand } from './drill/command.ts'
import { run } from './run.ts'
import { openTerminal } from './terminal/terminal.ts'

const terminal = openTerminal()
const exitCode = await run(process.argv.slice(2), terminal, [devCommand(terminal), doctorCommand(terminal), drillCommand(terminal)])
// The code of a signal stands already. No process.exit(): what a command left running would show.
if (!terminal.signal.aborted) process.exitCode = exitCode
