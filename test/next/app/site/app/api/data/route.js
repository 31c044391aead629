import { connection } from 'next/server'
import { ask } from '../../../source.js'

export async function GET() {
  await connection()
  return new Response(await ask('data', { cache: 'force-cache', next: { tags: ['data'], revalidate: 900 } }))
}
