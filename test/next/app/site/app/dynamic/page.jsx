import { Suspense } from 'react'
import { cacheLife, cacheTag } from 'next/cache'
import { connection } from 'next/server'
import { ask } from '../../source.js'

async function posts() {
  'use cache: remote'
  cacheTag('posts')
  cacheLife({ stale: 30, revalidate: 900, expire: 3_600 })
  return ask('posts')
}

/** Rendered at each request, from an entry of `'use cache: remote'`. */
async function Posts() {
  await connection()
  return <p>posts {await posts()}</p>
}

export default function Dynamic() {
  return (
    <Suspense fallback={<p>wait</p>}>
      <Posts />
    </Suspense>
  )
}
