/** The variables of the process; none where there is no process. Also where Node's types are not. */
export function environment(): Readonly<Record<string, string | undefined>> {
  const { process } = globalThis as { readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> } }
  return process?.env ?? {}
}
