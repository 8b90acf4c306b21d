/** The version of the package, as `--version` and the OpenAPI document say it. */
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}

export const VERSION: string = version
