import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'

/** Where a page's file is asked for, what it is called here, and what it is. */
const FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '/': ['index.html', 'text/html'],
  '/playground/style.css': ['style.css', 'text/css'],
  '/playground/page.js': ['page.js', 'text/javascript'],
}

/** @returns whether the path is one of the page's files, which is then sent */
export async function sendPageFile(path: string, response: ServerResponse): Promise<boolean> {
  const file = FILES[path]
  if (file === undefined) return false
  const [name, type] = file
  const body = await readFile(new URL(name, import.meta.url))
  response.writeHead(200, {
    'content-type': `${type}; charset=utf-8`,
    'content-security-policy': "default-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  })
  response.end(body)
  return true
}
