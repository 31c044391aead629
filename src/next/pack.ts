import { isMap } from '../policy/kind-of.ts'

/** A value of Next.js as JSON can hold it: bytes are the serializer's business, a Map is written as its entries. */
export interface Packed {
  readonly value: object | null
  /** Fields that are a Map. */
  readonly maps?: readonly string[]
}

/** @param value null: the page is not found */
export function pack(value: object | null): Packed {
  if (value === null) return { value }
  const fields = Object.entries(value)
  const maps = fields.filter(([, field]) => isMap(field)).map(([name]) => name)
  if (maps.length === 0) return { value }
  return { value: Object.fromEntries(fields.map(([name, field]) => [name, isMap(field) ? [...field] : (field as unknown)])), maps }
}

/** @returns undefined where it is none */
export function unpack({ value, maps = [] }: Partial<Packed>): object | null | undefined {
  if (typeof value !== 'object' || value === null || maps.length === 0) return typeof value === 'object' ? value : undefined
  const named = Object.entries(value).map(([name, field]: [string, unknown]) => [name, maps.includes(name) ? toMap(field) : field])
  return Object.fromEntries(named) as object
}

function toMap(field: unknown): unknown {
  return Array.isArray(field) ? new Map(field as [unknown, unknown][]) : field
}
