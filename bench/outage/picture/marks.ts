import type { Cell } from '../results.ts'
import type { Scale } from './scale.ts'

/** What an answer is drawn as: first ones are filled, second ones hollow; a cross never came. */
export type Shape = 'circle' | 'square'

/** The answers of one cell, on its line. */
export function answers({ first, second }: Cell, shape: Shape, scale: Scale, neverAt: number, y: number): string {
  if (first === null) return cross(neverAt, y, shape)
  const firstAt = scale.at(first.ms)
  const secondAt = second === null ? neverAt : scale.at(second.ms)
  const line = `<path class="l" d="M${round(firstAt)} ${y}H${round(secondAt)}"/>`
  return line + filled(firstAt, y, shape) + (second === null ? cross(neverAt, y, shape) : hollow(secondAt, y, shape))
}

/** Larger than the hollow one, which so stays visible upon it. */
export function filled(x: number, y: number, shape: Shape): string {
  return mark(x, y, shape, 3, 'f')
}

export function hollow(x: number, y: number, shape: Shape): string {
  return mark(x, y, shape, 2.2, 'h')
}

export function cross(x: number, y: number, shape: Shape): string {
  // Beside each other where both never came.
  const centre = shape === 'circle' ? x - 5 : x + 5
  return `<path class="x" d="M${round(centre - 2.5)} ${y - 2.5}l5 5m0-5l-5 5"/>`
}

function mark(x: number, y: number, shape: Shape, radius: number, kind: 'f' | 'h'): string {
  if (shape === 'circle') return `<circle class="${kind}" cx="${round(x)}" cy="${y}" r="${radius}"/>`
  const side = radius * 1.8
  return `<rect class="${kind}" x="${round(x - side / 2)}" y="${round(y - side / 2)}" width="${round(side)}" height="${round(side)}"/>`
}

export function round(value: number): number {
  return Math.round(value * 10) / 10
}
