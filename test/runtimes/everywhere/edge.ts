import { runEverywhere } from './cases.ts'
import { type Places, wiresTo } from './places.ts'

/** An edge without sockets: called by whoever holds the virtual machine. */
Object.assign(globalThis, {
  runOnEdge: async (places: string) => JSON.stringify(await runEverywhere(wiresTo(JSON.parse(places) as Places))),
})
