import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file for one test. */
export interface TemporaryFile extends AsyncDisposable {
  readonly path: string
}

/** @param name its ending matters, as in `ca.pem` */
export async function temporaryFile(name: string, content = ''): Promise<TemporaryFile> {
  const path = join(tmpdir(), `fastmiss-${crypto.randomUUID()}-${name}`)
  await writeFile(path, content)
  return { path, [Symbol.asyncDispose]: async () => rm(path, { force: true }) }
}
