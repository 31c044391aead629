/** `node cold-child.ts PACKAGE URL [TOKEN]`: prints how long import, connect and the first answer took together, ms. */
const [, , name = '', url = '', token = ''] = process.argv
const startedAt = performance.now()
if (name === 'fastmiss') {
  const { createCache } = await import('fastmiss')
  const found = await createCache({ url, timeout: 10_000, ...(token === '' ? {} : { token }) }).lookup('key')
  if (found.status !== 'miss') throw new Error(`expected a miss, got ${found.status}`)
} else if (name === '@upstash/redis') {
  const { Redis } = await import('@upstash/redis')
  await new Redis({ url, token }).get('key')
} else {
  const { createClient } = await import('@redis/client')
  const client = createClient({ url })
  await client.connect()
  await client.get('key')
  client.destroy()
}
console.log(performance.now() - startedAt)
process.exit(0)
