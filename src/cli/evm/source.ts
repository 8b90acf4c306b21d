/** Where the newest block of a chain comes from: its directory, where nobody has it open, or a server that has. */
import { type Command, InvalidArgumentError } from 'commander'
import { Http } from '../../client/http.ts'
import { decodeProof } from '../../verify/documents.ts'
import { CairnError, type Engine, type Identity, identify, judgeProof, type Proof } from '../../verify/index.ts'
import { fileFrom } from '../arguments.ts'
import type { MachineOptions } from '../machines.ts'
import { placeOf } from '../place.ts'
import { type Address, addressOf, unsafeFor } from '../remote/address.ts'
import { readToken } from '../remote/token.ts'
import { setting } from '../settings/option.ts'
import { withChain } from '../with-chain.ts'
import { isHttp } from './options.ts'

export interface SourceOptions extends MachineOptions {
  readonly tokenFile?: string
}

export interface Fact {
  readonly proof: Proof
  readonly identity: Identity
}

const REQUEST_TIME = 20_000

export function withSourceOptions(command: Command): Command {
  return command
    .addOption(setting('machine'))
    .option('--token-file <file>', 'of a server that asks for one: the file that has the token', fileFrom)
}

export function chainFrom(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.')
  return text
}

/** Not where the option is read: what is wrong there is told with all that was given. */
function demandAddress(text: string): Address {
  const address = addressOf(text)
  if (typeof address === 'string')
    throw new CairnError('invalid_option', `For --chain: ${address}.`, { option: 'chain' })
  return address
}

export function chainsFrom(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, chainFrom(text)]
}

/** A proof of the newest block, of which the block at `since` is an ancestor; checked as anyone would. */
export async function newestOf(
  source: string,
  since: bigint | undefined,
  options: SourceOptions,
  engine: Engine,
): Promise<Fact> {
  const text = isHttp(source) ? await fromServer(source, since, options) : await fromDirectory(source, since, options)
  const proof = decodeProof(text)
  const identity = identify(proof.genesis, engine.hasher)
  const { ok, verdicts } = judgeProof(proof, { chainId: identity.chainId }, engine)
  if (ok) return { proof, identity }
  const wrong = verdicts.find(({ verdict }) => verdict === 'fail')
  const message = `What ${source} gives as its newest block does not hold (${wrong?.check}: ${wrong?.reason}): do not rely on it.`
  throw new CairnError('proof_invalid', message, { source, check: wrong?.check })
}

async function fromServer(url: string, since: bigint | undefined, { tokenFile }: SourceOptions): Promise<string> {
  const address = demandAddress(url)
  // Only a token that is named goes there: that of the environment is for the server that it names.
  const token = await readToken(tokenFile, {})
  const unsafe = token && unsafeFor(address)
  if (unsafe) throw new CairnError('token_invalid', `For ${address.url}: ${unsafe}.`)
  const http = new Http({ url: address.url, timeout: REQUEST_TIME, fetch, ...(token && { token }) })
  return http.text(`/v1/proof${since === undefined ? '' : `?since=${since}`}`)
}

async function fromDirectory(directory: string, since: bigint | undefined, options: SourceOptions): Promise<string> {
  let text = ''
  await withChain(
    placeOf(directory),
    'read',
    async (chain) => {
      // A chain that is not as far as the light client says so as the light client does.
      const isReached = since !== undefined && chain.head !== undefined && chain.head.height > since
      text = await chain.prove(isReached ? { since } : {})
    },
    options,
  )
  return text
}
