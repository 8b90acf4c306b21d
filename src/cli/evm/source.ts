/** Where the newest block of a chain comes from: its directory, where nobody has it open, or a server that has. */
import { type Command, InvalidArgumentError } from 'commander'
import { Http } from '../../client/http.ts'
import { decodeProof } from '../../verify/documents.ts'
import { CairnError, type Engine, type Identity, identify, judgeProof, type Proof } from '../../verify/index.ts'
import type { MachineOptions } from '../machines.ts'
import { placeOf } from '../place.ts'
import { reached, tokenFileOption } from '../remote/reached.ts'
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
  return command.addOption(setting('machine')).addOption(tokenFileOption())
}

export function chainFrom(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.')
  return text
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
  const { url: at, token } = await reached(url, tokenFile)
  const http = new Http({ url: at, timeout: REQUEST_TIME, fetch, ...(token !== undefined && { token }) })
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
