/** Runs so many jobs at a time, in order. @returns their results, in the order of the jobs */
export async function inParallel<Job, Result>(
  jobs: readonly Job[],
  most: number,
  run: (job: Job, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  async function work(): Promise<void> {
    for (let index = next++; index < jobs.length; index = next++) results[index] = await run(jobs[index] as Job, index)
  }
  await Promise.all(Array.from({ length: Math.min(most, jobs.length) }, work))
  return results
}
