/** Runs in the page: the least contrast (WCAG 2.2, 1.4.3) of the texts that a selector finds, against what is behind them. */
export function leastContrast(selector: string): number {
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
      const part = value / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const groundOf = (element: Element): string => {
    for (let one: Element | null = element; one !== null; one = one.parentElement) {
      const { backgroundColor } = getComputedStyle(one)
      if (channels(backgroundColor)[3] !== 0) return backgroundColor
    }
    return 'rgb(255, 255, 255)'
  }
  const contrasts = [...document.querySelectorAll(selector)].map((element) => {
    const [dark = 0, light = 0] = [luminance(getComputedStyle(element).color), luminance(groundOf(element))].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
  })
  return contrasts.length === 0 ? 0 : Math.min(...contrasts)
}
