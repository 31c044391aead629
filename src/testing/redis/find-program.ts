import { access, constants, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/**
 * Looks a program up as a shell would.
 *
 * @param name the file name, such as `redis-server`
 * @param path the directories to look in, in the form of `PATH`
 * @returns its full path, or `undefined` where there is none that may be run
 */
export async function findProgram(name: string, path: string = process.env['PATH'] ?? ''): Promise<string | undefined> {
  for (const directory of path.split(delimiter).filter((entry) => entry !== '')) {
    const file = join(directory, name)
    if (await isExecutable(file)) return file
  }
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    // A directory may be "run" as well.
    return (await stat(file)).isFile()
  } catch {
    // Not there or not ours to run: both mean that the search goes on.
    return false
  }
}
