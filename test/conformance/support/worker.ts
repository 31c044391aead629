import { createCache } from 'fastmiss'
import { tcp } from 'fastmiss/tcp'
import { conformanceApp } from './app.ts'

let answer: ReturnType<typeof conformanceApp> | undefined

export default {
  async fetch(
    request: Request,
    { url, namespace }: { readonly url: string; readonly namespace: string },
    context: { waitUntil(work: Promise<unknown>): void },
  ): Promise<Response> {
    answer ??= conformanceApp(createCache({ transport: tcp(url), namespace, timeout: 10_000 }))
    return answer(request, (work) => context.waitUntil(work))
  },
}
