/** Runs in the page, upon an SVG: texts that lie over another, leave the picture, or have less contrast than WCAG 2.2 asks for (1.4.3). */
export function misplacedTexts(ground: string): string[] {
  const svg = document.querySelector('svg')
  if (svg === null) return ['there is no picture']
  const frame = svg.getBoundingClientRect()
  const texts = [...svg.querySelectorAll('text')].map((element) => ({
    element,
    name: element.textContent ?? '',
    box: element.getBoundingClientRect(),
  }))
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((value) => {
      const part = Number(value) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (color: string): number => {
    const [dark = 0, light = 0] = [luminance(color), luminance(ground)].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  }
  const problems = texts.length < 30 ? ['there are hardly any texts'] : []
  for (const [index, { element, name, box }] of texts.entries()) {
    if (box.left < frame.left || box.right > frame.right || box.bottom > frame.bottom) problems.push(`${name}: outside`)
    if (contrast(getComputedStyle(element).fill) < 4.5) problems.push(`${name}: too little contrast`)
    for (const other of texts.slice(index + 1)) {
      const isBeside = box.right <= other.box.left || other.box.right <= box.left
      // Boxes of neighbouring lines overlap by their line height; letters do so beyond a third of it.
      const isApart = Math.abs(box.top - other.box.top) > Math.min(box.height, other.box.height) * 0.7
      if (!isBeside && !isApart) problems.push(`${name} lies over ${other.name}`)
    }
  }
  return problems
}
