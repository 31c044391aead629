import { revalidatePath, revalidateTag } from 'next/cache'

/** `?tag=posts&profile=max`, `?tag=posts&expire=0`, or `?path=/dynamic`. */
export async function POST(request) {
  const { searchParams } = new URL(request.url)
  const { tag, path, profile, expire } = Object.fromEntries(searchParams)
  if (path !== undefined) revalidatePath(path)
  else revalidateTag(tag, profile ?? { expire: Number(expire) })
  return new Response('done')
}
