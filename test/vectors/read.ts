/** The worked examples of FORMAT, made by an independent implementation (copied from beside the format, never edited). */
import { readFileSync } from 'node:fs'

export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')) as T
}
