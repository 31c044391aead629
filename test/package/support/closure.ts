import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}

/**
 * What npm would install for these packages, by a project's lock: themselves and all that they depend on, optional peers left out.
 *
 * @returns paths beneath the project, such as `node_modules/keyv`
 */
export async function closureOf(names: readonly string[], project: string): Promise<readonly string[]> {
  const { packages } = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
  const found = new Set<string>()

  function add(name: string, parent: string): void {
    const path = placeOf(name, parent)
    if (found.has(path)) return
    found.add(path)
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = packages[path] ?? {}
    const peers = Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true)
    for (const needed of [...Object.keys(dependencies), ...peers]) add(needed, path)
  }

  /** As Node looks for it: beneath who asks, then further and further up. */
  function placeOf(name: string, parent: string): string {
    const nested = `${parent}${parent === '' ? '' : '/'}node_modules/${name}`
    if (nested in packages) return nested
    if (parent === '') throw new Error(`${name} is not in ${project}/package-lock.json`)
    const at = parent.lastIndexOf('/node_modules/')
    return placeOf(name, at === -1 ? '' : parent.slice(0, at))
  }

  for (const name of names) add(name, '')
  return [...found]
}
