/** Planted wherever a secret can be: none of them may come out again in an error, an event or a log. */
export const SECRETS = {
  key: 'planted-key-1f8e',
  value: 'planted-value-93ab',
  password: 'planted-password-5c77',
  token: 'planted-token-d210',
} as const

/** What must not be seen: any of them begins so. */
export const PLANTED = /planted-/
