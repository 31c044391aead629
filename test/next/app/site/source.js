/** What pages and functions are made from: a number that goes up with each question. */
export async function ask(name, options = {}) {
  const response = await fetch(`${process.env.SOURCE_URL}/${name}`, options)
  return response.text()
}
