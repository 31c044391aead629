/** Cloudflare's own types clash with those of the DOM; this is all that is used of them. */
declare module 'cloudflare:workers' {
  /** The Worker's variables and secrets, readable at module scope. */
  export const env: Readonly<Record<string, unknown>>
}
