import type { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'

/** What the gateway is built on. */
export interface HonoModules {
  readonly Hono: typeof Hono
  readonly getRequestListener: typeof getRequestListener
}

/**
 * Loads the optional packages of the gateway.
 *
 * @throws Error that says how to install them
 */
export async function loadHono(): Promise<HonoModules> {
  try {
    const [{ Hono }, { getRequestListener }] = await Promise.all([import('hono'), import('@hono/node-server')])
    return { Hono, getRequestListener }
  } catch (cause) {
    throw new Error("Upstash's REST interface needs the packages hono and @hono/node-server: npm install --save-dev hono @hono/node-server", {
      cause,
    })
  }
}
