import { readFile, writeFile } from 'node:fs/promises'
import type { Contestant } from './libraries.ts'
import type { Timed } from './protocol.ts'

/** What one process met. Milliseconds; counts are those of the window. */
export interface Cell extends Contestant {
  readonly fault: string
  /** null: no answer within the window, and the process was ended. */
  readonly first: Timed | null
  /** null: the same, or the first one never came. */
  readonly second: Timed | null
  /** null: it was not reached, or had no answer. */
  readonly stored: Stored | null
  /** Connections attempted, as the runtime counts them, refused and dropped ones too. */
  readonly dials: number
  /** Connections accepted by the fault proxy. */
  readonly accepted: number
  readonly errorEvents: number
  readonly exit: Exit
}

/** A `set`: what was said, and whether the value was found in Redis at the end. */
export interface Stored {
  readonly said: boolean | 'threw'
  readonly ms: number
  readonly isStored: boolean
}

/** How the process ended: by itself, once `close()` was called, not even then (it was killed), or by an uncaught error. */
export interface Exit {
  readonly how: 'by itself' | 'after close' | 'never' | 'crashed'
  /** From the last answer, or from the call of `close()`. */
  readonly ms?: number
}

/** One run. */
export interface Results {
  /** ISO 8601. */
  readonly date: string
  readonly node: string
  readonly redis: string
  readonly machine: { readonly system: string; readonly cpus: number; readonly cpu: string }
  /** Load averages of a minute before and after. */
  readonly load: readonly [before: number, after: number]
  /** Cells at a time. */
  readonly parallel: number
  readonly windowMs: number
  readonly versions: Readonly<Record<string, string>>
  readonly faults: readonly FaultRow[]
  readonly cells: readonly Cell[]
}

/** A fault, as tables name it. */
export interface FaultRow {
  readonly name: string
  readonly wire: Contestant['wire']
  readonly label: string
  readonly detail: string
}

/** One cell a line: a later run differs where a figure does. */
export async function writeResults(file: string | URL, { faults, cells, ...about }: Results): Promise<void> {
  const lines = (rows: readonly object[]): string => rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
  const head = JSON.stringify(about, undefined, 2).replace(/\n}$/, '')
  await writeFile(file, `${head},\n  "faults": [\n${lines(faults)}\n  ],\n  "cells": [\n${lines(cells)}\n  ]\n}\n`)
}

export async function readResults(file: string | URL): Promise<Results> {
  return JSON.parse(await readFile(file, 'utf8')) as Results
}
