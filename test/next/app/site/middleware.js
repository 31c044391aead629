import { NextResponse } from 'next/server'

export const config = { matcher: '/api/:path*' }

/** Runs on the edge, where Next.js builds the handler in as well. */
export function middleware() {
  return NextResponse.next({ headers: { 'x-middleware': 'edge' } })
}
