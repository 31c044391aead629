/** Every command that a cache sends to one server; docs/permissions.md has them by feature. */
export const NEEDED_COMMANDS: readonly string[] = [
  'PING',
  'GET',
  'GETDEL',
  'MGET',
  'SET',
  'SETRANGE',
  'APPEND',
  'PTTL',
  'PEXPIRE',
  'DEL',
  'UNLINK',
  'EXISTS',
  'SCAN',
]

/** @returns as ACL SETUSER takes them: `+get +set` */
export function aclRules(commands: readonly string[]): string {
  return commands.map((command) => `+${command.toLowerCase()}`).join(' ')
}
