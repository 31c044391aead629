import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for as long as this process: files of tests may follow each other in it. @param name of what is in it */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `fastmiss-${name}-`))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
