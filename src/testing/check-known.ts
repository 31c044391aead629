/** @throws TypeError where there is no such fault, for callers without types: a switch that does nothing would pass for an outage */
export function checkKnown(method: string, fault: string, known: readonly string[]): void {
  if (!known.includes(fault)) throw new TypeError(`${method}: unknown fault '${String(fault)}'. Known: ${known.join(', ')}`)
}
