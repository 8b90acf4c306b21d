/** A server that a command reads from beside the chain that it is about: its address has nothing secret in it, and a token goes there only unseen. */
import { Option } from 'commander'
import { CairnError } from '../../verify/index.ts'
import { fileFrom } from '../arguments.ts'
import { addressOf, unsafeFor } from './address.ts'
import { readToken } from './token.ts'

export interface Reached {
  readonly url: string
  readonly token?: string
}

/** No setting: the token of the environment or the config file is for the server that they name, and goes to no other. */
export function tokenFileOption(): Option {
  const text = 'of a server that asks for one: the file that has the token'
  return new Option('--token-file <file>', text).argParser(fileFrom)
}

export async function reached(text: string, tokenFile: string | undefined): Promise<Reached> {
  const address = addressOf(text)
  if (typeof address === 'string') throw new CairnError('invalid_option', `The source is refused: ${address}.`)
  const token = await readToken(tokenFile, {})
  if (token === undefined) return { url: address.url }
  const unsafe = unsafeFor(address)
  if (unsafe !== undefined) throw new CairnError('token_invalid', `For ${address.url}: ${unsafe}.`)
  return { url: address.url, token }
}
