import { tcp } from 'fastmiss/tcp'
import { runEverywhere } from './cases.ts'
import { type Places, wiresTo } from './places.ts'

/** In a Worker TCP is named, so that none carries it unasked. */
export default {
  async fetch(request: Request): Promise<Response> {
    const places = (await request.json()) as Places
    return Response.json(await runEverywhere(wiresTo(places, (url) => ({ transport: tcp(url) }))))
  },
}
