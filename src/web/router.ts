/** Which page stands where: the part of the address after `#`, so that one file is all that the server serves. */
import type { Child } from './dom.ts'
import type { Live } from './live.ts'
import type { Session } from './session.ts'

export interface Context {
  readonly session: Session
  readonly live: Live
  /** What stands behind the name of the page: `#/block/7?x=1`. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  /** Aborted when another page is shown. */
  readonly signal: AbortSignal
}

export interface Shown {
  readonly title: string
  readonly content: readonly Child[]
}

export type Page = (context: Context) => Shown | Promise<Shown>

export interface Route {
  readonly name: string
  readonly path: readonly string[]
  readonly query: URLSearchParams
}

export function routeIn(hash: string): Route {
  const [, path = '', query = ''] = /^#?\/?([^?]*)\??(.*)$/su.exec(hash) ?? []
  const [name = '', ...rest] = path.split('/').map(decoded)
  return { name, path: rest, query: new URLSearchParams(query) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function to(
  name: string,
  path: readonly (string | bigint)[] = [],
  query: Readonly<Record<string, string>> = {},
): string {
  const asked = new URLSearchParams(query).toString()
  const parts = [name, ...path.map((each) => encodeURIComponent(String(each)))]
  return `#/${parts.join('/')}${asked === '' ? '' : `?${asked}`}`
}
