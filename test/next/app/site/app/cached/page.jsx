import { cacheLife, cacheTag } from 'next/cache'
import { ask } from '../../source.js'

/** Static: kept as a page, and made from one entry of `'use cache'`. */
export default async function Cached() {
  'use cache'
  cacheTag('page')
  cacheLife({ stale: 30, revalidate: 900, expire: 3_600 })
  return <p>cached {await ask('page')}</p>
}
