import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/** What is used of the package `edge-runtime`, which has a folder of its own. */
interface Brought {
  readonly EdgeRuntime: new () => { evaluate(code: string): unknown }
}

const { EdgeRuntime } = createRequire(new URL('../programs/package.json', import.meta.url))('edge-runtime') as Brought
const [, , file = '', places = ''] = process.argv
const machine = new EdgeRuntime()
machine.evaluate(await readFile(file, 'utf8'))
const report = JSON.parse((await machine.evaluate(`runOnEdge(${JSON.stringify(places)})`)) as string) as unknown
console.log(JSON.stringify({ report, at: Date.now() }))
