import { isUntouched } from '../../src/store/version-text.ts'
import { hasJumped } from './faulty.ts'
import { NAMESPACE, type Run } from './run.ts'
import { entriesOf } from './stored.ts'

/**
 * A value that was loaded before one of its tags was invalidated was not stored as if it had been loaded after that, whenever the loader
 * named the tag. By the order in which the server carried it out.
 */
export function judgeLoads(run: Run): string[] {
  // How old a version is Redis says by its clock.
  if (hasJumped(run)) return []
  return run.history.loads.flatMap(({ keys, ids, began, isolate }) =>
    keys.flatMap((key, index) => {
      const stored = entriesOf(run, key).find(({ value }) => value.id === ids[index])
      const wrong = stored?.tags.find(([tag, version]) => !isUntouched(version) && (firstHeld(run, tag, version) ?? 0) > began.order)
      return wrong === undefined
        ? []
        : [`the load of ${key} in process ${isolate} at ${began.at.toFixed(1)} ms was stored under a version of ${wrong[0]} that is newer`]
    }),
  )
}

/** The order in which a version first was that of a tag. */
function firstHeld({ held }: Run, tag: string, version: string): number | undefined {
  return held.get(`${NAMESPACE}:!fm:tag:${tag}`)?.find(({ text }) => text === version)?.order
}
