/**
 * `cairn.config.json`: what is set for good in a folder. A file in the working directory, or the one that --config names.
 *
 * Promise: it is bounded before it is read; what nobody knows, what stands twice and what has a wrong value is refused, with the JSON path of where.
 */
import { stat } from 'node:fs/promises'
import { InvalidArgumentError } from 'commander'
import { type JsonValue, readJsonBody } from '../../server/canonical-json.ts'
import { attempt, CairnError } from '../../verify/error.ts'
import { escaped } from '../../verify/meaning.ts'
import { readBounded } from '../read.ts'
import { SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts'

export const CONFIG_FILE = 'cairn.config.json'
const BYTES_MAX = 64 << 10

export interface Config {
  readonly file: string
  readonly values: ReadonlyMap<SettingName, unknown>
}

/** That of this name; without one, that of the working directory, if one is there. */
export async function readConfig(named: string | undefined): Promise<Config | undefined> {
  const file = named ?? CONFIG_FILE
  const found = await stat(file).catch((error: unknown) => {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw invalid(file, 'it cannot be read, or is not there')
  })
  if (found === undefined) return undefined
  // What is no file could be without an end, and never begin.
  if (!found.isFile()) throw invalid(file, 'it is no file')
  if (found.size > BYTES_MAX) throw invalid(file, `it has more than the ${BYTES_MAX} bytes that it may have`)
  return { file, values: decodeConfig(await readBounded(file, BYTES_MAX), file) }
}

export function decodeConfig(bytes: Uint8Array, file: string): ReadonlyMap<SettingName, unknown> {
  const members = attempt(() => readJsonBody(bytes))
  if (members instanceof CairnError) throw invalid(file, whyOf(members))
  if (typeof members !== 'object' || members === null || Array.isArray(members))
    throw invalid(file, 'it is no object', '$')
  const values = new Map<SettingName, unknown>()
  for (const [name, value] of Object.entries(members as Readonly<Record<string, JsonValue>>)) {
    if (name === '$schema') {
      if (typeof value !== 'string') throw invalid(file, 'It is a text.', '$["$schema"]')
      continue
    }
    const path = /^\w{1,64}$/.test(name) ? `$.${name}` : `$[${JSON.stringify(name.slice(0, 64))}]`
    if (!isSetting(name)) throw invalid(file, `nobody knows this member${SECRET.test(name) ? NO_SECRETS : ''}`, path)
    try {
      values.set(name, SETTINGS[name].kind.fromJson(value))
    } catch (error) {
      if (error instanceof InvalidArgumentError) throw invalid(file, error.message, path)
      throw error
    }
  }
  return values
}

function whyOf({ message, details }: CairnError): string {
  const { why = message } = details as { readonly why?: string }
  return why
}

function isSetting(name: string): name is SettingName {
  return SETTING_NAMES.some((each) => each === name)
}

const SECRET = /pass|secret|token|private|mnemonic|seed/i
const NO_SECRETS = '; and no secret belongs here: name the file that holds it, as passphraseFile does'

function invalid(file: string, reason: string, path?: string): CairnError {
  const where = path === undefined ? file : `${file}: ${path}`
  return new CairnError('invalid_config', `${escaped(where)}: ${reason}`, { file, reason, ...(path && { path }) })
}
