// Installs what tests run against and users of the package do not need: other libraries, compilers, runtimes, frameworks. Each folder
// has a lock of its own. What is installed already is left as it is; who comes while another process installs waits for it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** The folder, and what npm is told beside the lock. */
const PROJECTS: readonly (readonly [folder: string, flags: readonly string[]])[] = [
  ['test/peers', []],
  ['test/consumers', ['--ignore-scripts']],
  ['test/runtimes/programs', ['--ignore-scripts']],
  ['test/next/app', ['--ignore-scripts']],
  ['test/unstorage/applications', ['--ignore-scripts']],
]
/** What npm knows of a package already, of another folder's installation, it need not ask for again: the locks say what is right. */
const FLAGS = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']
const LOCK = 'test/peers/.installing'
/** ms; longer than all of them take. */
const LONGEST = 900_000

const giveUpAt = Date.now() + LONGEST
while (!claimed()) {
  if (Date.now() > giveUpAt) throw new Error(`another process installs for ${LONGEST / 60_000} minutes: remove ${LOCK}`)
  await wait(500)
}
try {
  const missing = PROJECTS.filter(([folder]) => !isInstalled(folder))
  for (const [index, [folder, flags]] of missing.entries()) {
    console.log(`installing ${folder}, for tests alone (${index + 1} of ${missing.length})`)
    const { status } = spawnSync('npm', ['ci', '--prefix', folder, ...flags, ...FLAGS], { stdio: 'inherit', shell: process.platform === 'win32' })
    if (status !== 0) process.exitCode = 1
  }
} finally {
  rmSync(LOCK, { recursive: true, force: true })
}

/** npm writes a lock of its own at the end of an installation. */
function isInstalled(folder: string): boolean {
  const installed = statSync(`${folder}/node_modules/.package-lock.json`, { throwIfNoEntry: false })
  return installed !== undefined && installed.mtimeMs >= statSync(`${folder}/package-lock.json`).mtimeMs
}

function claimed(): boolean {
  try {
    mkdirSync(LOCK)
    writeFileSync(`${LOCK}/pid`, String(process.pid))
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  if (isHeld()) return false
  rmSync(LOCK, { recursive: true, force: true })
  return claimed()
}

/** False where the process that holds it has ended without letting go. */
function isHeld(): boolean {
  try {
    process.kill(Number(readFileSync(`${LOCK}/pid`, 'utf8')), 0)
    return true
  } catch (error) {
    // It was made a moment ago and says nothing yet, or belongs to another user.
    return codeOf(error) === 'EPERM' || Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? 0) < 1_000
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code
}
