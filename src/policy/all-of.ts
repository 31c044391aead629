/** What all of them come to. A promise for each of many values is dear where none of them is to be waited for. */
export async function allOf<Value>(given: readonly (Value | Promise<Value>)[]): Promise<readonly Value[]> {
  return given.every(isThere) ? given : Promise.all(given)
}

function isThere<Value>(given: Value | Promise<Value>): given is Value {
  return !(given instanceof Promise)
}
