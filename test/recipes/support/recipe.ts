import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** The frameworks, apart from the packages of this project. */
const PEERS = join(ROOT, 'test/peers/node_modules')

/** What a program printed, and how it ended. */
export interface Printed {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** A program that runs. */
export interface Program extends AsyncDisposable {
  readonly process: ChildProcess
  /** Resolves when it has ended. */
  readonly ended: Promise<Printed>
}

/** A project of somebody who follows a recipe: the frameworks, this package as it is built, and the example as `recipe.ts`. */
export interface Project extends AsyncDisposable {
  /** @param code a module beside the example. @param env beside PATH */
  start(code: string, env: Readonly<Record<string, string>>): Promise<Program>
  run(code: string, env: Readonly<Record<string, string>>): Promise<Printed>
  /** Puts another example in the place of the one before. */
  follow(name: string): Promise<void>
}

/** The code of an example of docs/recipes.md. */
export async function recipe(name: string): Promise<string> {
  const text = await readFile(join(ROOT, 'docs/recipes.md'), 'utf8')
  const code = new RegExp(`<!-- example: ${name} -->\\n\`\`\`ts\\n(.*?)\`\`\``, 's').exec(text)?.[1]
  if (code === undefined) throw new Error(`docs/recipes.md has no example ${name}`)
  return code
}

/** One project for all recipes: making it takes longer than following one. */
export async function recipeProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'fastmiss-recipe-'))
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, 'fastmiss'), { recursive: true })
  // Copied and not linked: what it imports is then the Keyv of the project.
  await cp(join(ROOT, 'package.json'), join(modules, 'fastmiss/package.json'))
  await cp(join(ROOT, 'dist'), join(modules, 'fastmiss/dist'), { recursive: true })
  for (const name of await readdir(PEERS)) if (!name.startsWith('.')) await symlink(join(PEERS, name), join(modules, name), 'dir')
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }')
  let programs = 0

  async function start(code: string, env: Readonly<Record<string, string>>): Promise<Program> {
    programs += 1
    const path = join(folder, `main-${programs}.ts`)
    await writeFile(path, code)
    const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env
    const child = spawn(process.execPath, ['--no-warnings', path], {
      cwd: folder,
      env: { PATH, NODE_COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => (stdout += String(chunk)))
    child.stderr.on('data', (chunk) => (stderr += String(chunk)))
    const ended = once(child, 'close').then(() => ({ stdout, stderr, exitCode: child.exitCode }))
    return {
      process: child,
      ended,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL')
        await ended
      },
    }
  }

  return {
    start,
    async run(code, env) {
      await using program = await start(code, env)
      return await program.ended
    },
    follow: async (name) => writeFile(join(folder, 'recipe.ts'), await recipe(name)),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
