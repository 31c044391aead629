import { startUpstash } from 'fastmiss/testing'

/** An Upstash in a process of its own, whose CPU is not the client's: `node rest-server.ts REDIS_URL`. */
const { url, token } = await startUpstash({ redis: process.argv[2] ?? '' })
process.send?.({ url, token })
// Its end of the channel keeps it alive; the other end going away ends it.
process.on('disconnect', () => process.exit())
