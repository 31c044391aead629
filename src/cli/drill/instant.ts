/** @returns ms of the system's monotonic clock, which all threads of this process share */
export function instant(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
