import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { loadKeyv5Project } from './support/keyv5-project.ts'

/**
 * The script of keyv #1336, with one import changed and a port that is free on this machine. What follows `disconnect` tells what
 * the reporter saw: whether it got there at all, how often it dialled, and whether the process leaves.
 */
const script = (port: number): string => `
import { subscribe } from 'node:diagnostics_channel'
let dials = 0
subscribe('net.client.socket', () => (dials += 1))

import { createKeyv } from "fastmiss/keyv"
import { Cacheable } from "cacheable"

const cacheable = new Cacheable({
    secondary: createKeyv({
        // This redis instance does not exist
        url: "redis://localhost:${port}",
        disableOfflineQueue: true
    }),
    nonBlocking: true
})

console.log("trying to get foo...")
await cacheable.get("foo")
console.log("disconnecting...")
await cacheable.disconnect()
console.log("disconnected")

process.on('exit', () => console.log(dials + ' dial'))
`

test('keyv #1336: cacheable with nonBlocking answers, disconnects and leaves when Redis was never there', async () => {
  await using project = await loadKeyv5Project()
  const file = join(project.folder, 'reproduction.mjs')
  await writeFile(file, script(await unusedPort()))
  const startedAt = performance.now()
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { timeout: 30_000 })
  expect(stdout).toBe('trying to get foo...\ndisconnecting...\ndisconnected\n1 dial\n')
  expect(stderr).toBe('')
  // Node's start and all imports included; with @keyv/redis 5 the script is still at its first line after 12 s.
  expect(performance.now() - startedAt).toBeLessThan(8_000)
})

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return address.port
}
