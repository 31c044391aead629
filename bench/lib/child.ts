import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** Runs a script in a Node process of its own. @returns what it printed, as JSON */
export async function runChild(script: URL, flags: readonly string[], args: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [...flags, fileURLToPath(script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(await text(child.stdout))
}
