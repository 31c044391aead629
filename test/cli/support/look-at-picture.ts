/** What a browser made of a picture; coordinates are px. */
export interface Look {
  /** Empty where it is well-formed. */
  readonly parserError: string
  readonly texts: readonly { readonly text: string; readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }[]
  readonly width: number
  readonly height: number
  /** Each against the paper (WCAG 2.2, 1.4.3 and 1.4.11). */
  readonly leastTextContrast: number
  readonly leastMarkContrast: number
}

/** Runs in a page: shows the SVG and measures what is to be seen of it. */
export function lookAt(svg: string): Look {
  const parsed = new DOMParser().parseFromString(svg, 'image/svg+xml')
  const parserError = parsed.querySelector('parsererror')?.textContent ?? ''
  document.body.innerHTML = ''
  const picture = document.importNode(parsed.documentElement, true) as unknown as SVGSVGElement
  document.body.append(picture)
  const { left: originX, top: originY } = picture.getBoundingClientRect()
  const texts = [...picture.querySelectorAll('text')].map((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect()
    return { text: element.textContent, left: left - originX, right: right - originX, top: top - originY, bottom: bottom - originY }
  })

  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((value) => {
      const part = Number(value) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const style = (selector: string): CSSStyleDeclaration => getComputedStyle(picture.querySelector(selector) ?? picture)
  const grounds = ['.paper', '.fault'].map((selector) => luminance(style(selector).fill))
  const contrast = (color: string, ground: number): number => {
    const one = luminance(color)
    return (Math.max(one, ground) + 0.05) / (Math.min(one, ground) + 0.05)
  }
  const texture = [...picture.querySelectorAll('text')].map((element) => contrast(getComputedStyle(element).fill, grounds[0] ?? 0))
  // Marks lie on the paper and on the shade of the fault alike.
  const marks = [...picture.querySelectorAll('.marks path')].flatMap((element) =>
    grounds.map((ground) => contrast(getComputedStyle(element).stroke, ground)),
  )
  return {
    parserError,
    texts,
    width: picture.viewBox.baseVal.width,
    height: picture.viewBox.baseVal.height,
    leastTextContrast: Math.min(...texture),
    leastMarkContrast: Math.min(...marks),
  }
}
