/** The light client on an EVM chain, from outside: where it stands, what it takes to bring it a newer head, and whether it believes a proof. */
import { type Abi, encodeDeployData, encodeFunctionData, getAbiItem, type Hex, type PublicClient } from 'viem'
import { cairnLightClientAbi, cairnLightClientBytecode } from '../../contracts-abi/index.ts'
import { blockHash } from '../verify/block.ts'
import { equal } from '../verify/bytes.ts'
import type { Hasher } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import { type Identity, identify } from '../verify/identity.ts'
import type { BlockClaim, Claim, Genesis, Proof, Revocation } from '../verify/types.ts'
import { judged, unchecked, type Verdict, type Verification, verification } from '../verify/verdict.ts'
import { asked } from './rpc.ts'
import type { Call } from './transact.ts'
import { claimCall, descentValue, groundValue, hex, pathValue, revocationValue, sealValue } from './values.ts'

const ABI = cairnLightClientAbi

/** `new`: it accepted no head yet. `stuck`: revocations left none standing; `bases` are those that may be gone on from, the newest first. */
export type Standing =
  | { readonly kind: 'new' | 'frozen' }
  | { readonly kind: 'stuck'; readonly bases: readonly AcceptedHead[] }
  | ({ readonly kind: 'standing' } & AcceptedHead)

/** A head that the contract accepted. */
export interface AcceptedHead {
  readonly hash: Hex
  readonly height: bigint
}

/** More heads than this are not looked at for one to go on from. */
const BASES_MAX = 256

/** A light client at an address, asked through an RPC. */
export class ContractClient {
  readonly address: Hex
  private readonly rpc: PublicClient

  constructor(rpc: PublicClient, address: Hex) {
    this.rpc = rpc
    this.address = address
  }

  /** Refuses an address at which there is no light client, or one of another chain. */
  async demandOf(identity: Identity): Promise<void> {
    const [found, expected] = [await this.chainId(), hex(identity.chainId)]
    if (found === expected) return
    const message = `The light client at ${this.address} is of the chain ${found}, not of ${expected}.`
    throw new CairnError('wrong_chain', message, { found, expected })
  }

  /** The id of the chain that it follows; `no_contract` where something else, or nothing, is at that address. */
  async chainId(): Promise<Hex> {
    return this.answered(async () => {
      // A chainId() many contracts have: it alone would make a light client of them.
      await this.read('status')
      return this.read('chainId')
    })
  }

  async standing(): Promise<Standing> {
    const [, hasBegun, isFrozen] = await this.answered(() => this.read('status'))
    if (isFrozen) return { kind: 'frozen' }
    if (!hasBegun) return { kind: 'new' }
    try {
      const [hash, { height }] = await this.read('head')
      return { kind: 'standing', hash, height: BigInt(height) }
    } catch (error) {
      if (error instanceof CairnError && error.details.error === 'NothingStands') {
        return { kind: 'stuck', bases: await this.bases() }
      }
      throw error
    }
  }

  async isFrozen(): Promise<boolean> {
    const [, , isFrozen] = await this.answered(() => this.read('status'))
    return isFrozen
  }

  /** What every light client answers: where it is refused, or answered in another form, or there is no code, none is there. */
  private async answered<T>(question: () => Promise<T>): Promise<T> {
    const { address } = this
    try {
      return await question()
    } catch (error) {
      if (!(error instanceof CairnError)) throw error
      const isAnother = error.code === 'contract_refused' || error.details.isOtherForm === true
      if (!isAnother && (await asked('code', () => this.rpc.getCode({ address }))) !== undefined) throw error
      const message = `At ${address} there is no light client on this EVM chain: is it the right address, and the right RPC?`
      throw new CairnError('no_contract', message, { address })
    }
  }

  private read<Name extends 'chainId' | 'status' | 'head'>(functionName: Name) {
    return asked('state of the light client', () =>
      this.rpc.readContract({ address: this.address, abi: ABI, functionName }),
    )
  }

  /** Heads of which no revocation says that they were not the chain's. */
  private async bases(): Promise<readonly AcceptedHead[]> {
    const event = getAbiItem({ abi: ABI, name: 'HeadAccepted' })
    const logs = await asked('log of accepted heads', () =>
      this.rpc.getLogs({ address: this.address, event, fromBlock: 'earliest', strict: true }),
    )
    const bases: AcceptedHead[] = []
    for (const { args } of logs.toReversed().slice(0, BASES_MAX)) {
      const [, fromHeight, parentHash] = await asked('revocation', () =>
        this.rpc.readContract({ address: this.address, abi: ABI, functionName: 'revoked', args: [args.index] }),
      )
      const above = args.height + 1n
      if (above < fromHeight || (above === fromHeight && parentHash === args.blockHash)) {
        bases.push({ hash: args.blockHash, height: args.height })
      }
    }
    return bases
  }

  /**
   * What each check and claim of a proof is to the contract: it is asked, and nothing is sent. A claim of consistency it does not know.
   */
  async judge(proof: Proof, hasher: Hasher): Promise<Verification> {
    const identity = identify(proof.genesis, hasher)
    await this.demandOf(identity)
    const verdicts: Verdict[] = [await this.ask('block', 'verifyBlock', [groundValue(proof), []])]
    for (const [i, claim] of proof.claims.entries()) {
      verdicts.push(await this.judgeClaim(`claims[${i}]`, claim, proof, []))
      if (claim.kind !== 'block' || claim.block === undefined || claim.roots === undefined) continue
      const ground = { block: claim.block, roots: claim.roots }
      for (const [j, nested] of (claim.claims ?? []).entries()) {
        verdicts.push(await this.judgeClaim(`claims[${i}].claims[${j}]`, nested, ground, [descentValue(proof, claim)]))
      }
    }
    return verification(verdicts)
  }

  private async judgeClaim(
    check: string,
    claim: Claim,
    ground: Pick<Proof, 'block' | 'roots'>,
    under: readonly ReturnType<typeof descentValue>[],
  ): Promise<Verdict> {
    if (claim.kind === 'block' && claim.block !== undefined && claim.roots !== undefined && under.length === 0) {
      const carried = groundValue({ block: claim.block, roots: claim.roots })
      return this.ask(check, 'verifyBlock', [carried, [descentValue(ground, claim)]])
    }
    const call = claimCall(claim)
    if (call === undefined) return unchecked(check, 'the contract has no question for it')
    if (claim.kind === 'command' && claim.index !== claim.command.seq) {
      return judged(check, 'the index of a command is its seq')
    }
    return this.ask(check, call.functionName, [groundValue(ground), under, ...call.rest])
  }

  private async ask(check: string, functionName: string, args: readonly unknown[]): Promise<Verdict> {
    const abi: Abi = ABI
    try {
      await asked('answer of the light client', () =>
        this.rpc.readContract({ address: this.address, abi, functionName, args }),
      )
      return judged(check, undefined)
    } catch (error) {
      if (error instanceof CairnError && error.code === 'contract_refused') {
        return judged(check, `the contract says ${String(error.details.error)}`)
      }
      throw error
    }
  }
}

/** The call that deploys a light client of this chain, which knows these revocations from the start. */
export function deployClient({ coldKey, nonce, ...genesis }: Genesis, revocations: readonly Revocation[]): Call {
  const given = { ...genesis, coldKey: hex(coldKey), nonce: hex(nonce) }
  const args = [given, revocations.map(revocationValue)] as const
  const data = encodeDeployData({ abi: ABI, bytecode: cairnLightClientBytecode, args })
  return { purpose: `deploy CairnLightClient of ${JSON.stringify(genesis.name)}`, data }
}

/** The call that moves the client to the block of a proof; nothing where it is there already. */
export function submission(to: Hex, proof: Proof, standing: Standing, hasher: Hasher): Call | undefined {
  const { block, roots, seal } = proof
  const hash = hex(blockHash(identify(proof.genesis, hasher), block, hasher))
  const { header, roots: rootsValue } = groundValue({ block, roots })
  const purpose = `submit block ${block.height}`
  const submit = (path: readonly Hex[]): Call => ({
    purpose,
    to,
    data: encodeFunctionData({
      abi: ABI,
      functionName: 'submitBlock',
      args: [header, rootsValue, sealValue(seal), path],
    }),
  })
  switch (standing.kind) {
    case 'frozen':
      throw new CairnError(
        'client_frozen',
        'The light client is frozen on evidence of equivocation: only the cold key lifts that.',
      )
    case 'new':
      return submit([])
    case 'standing':
      if (standing.hash === hash) return undefined
      return submit(pathFrom(proof, standing))
    case 'stuck': {
      const base = standing.bases.find((each) => leadsOnFrom(proof, each, hasher))
      if (base === undefined) throw needsProof(proof, standing.bases[0])
      const path = base.hash === hash ? [] : pathFrom(proof, base)
      const args = [header, rootsValue, sealValue(seal), base.hash, path] as const
      return { purpose, to, data: encodeFunctionData({ abi: ABI, functionName: 'resume', args }) }
    }
  }
}

/** Whether a proof is of this head, or has it in the history of its block: then it may be gone on from by it. */
export function leadsOnFrom(proof: Proof, head: AcceptedHead, hasher: Hasher): boolean {
  return (
    claimOf(proof, head) !== undefined ||
    hex(blockHash(identify(proof.genesis, hasher), proof.block, hasher)) === head.hash
  )
}

/** The height that a proof has to lead on from, for `submission`. */
export function sinceOf(standing: Standing): bigint | undefined {
  if (standing.kind === 'standing') return standing.height
  return standing.kind === 'stuck' ? standing.bases[0]?.height : undefined
}

function claimOf({ claims }: Proof, { hash, height }: AcceptedHead): BlockClaim | undefined {
  return claims.find(
    (claim): claim is BlockClaim => claim.kind === 'block' && claim.height === height && hex(claim.blockHash) === hash,
  )
}

function pathFrom(proof: Proof, from: AcceptedHead): readonly Hex[] {
  const claim = claimOf(proof, from)
  if (claim === undefined) throw needsProof(proof, from)
  return pathValue(claim.path)
}

function needsProof({ claims }: Proof, from: AcceptedHead | undefined): CairnError {
  if (from === undefined) {
    const message = 'Revocations left the light client nothing to go on from: only the cold key lets it begin afresh.'
    return new CairnError('client_stuck', message)
  }
  const { hash, height } = from
  const other = claims.find((claim): claim is BlockClaim => claim.kind === 'block' && claim.height === height)
  const why =
    other === undefined
      ? `it is older, of another branch, or needs --since ${height}`
      : `in the history of this chain that block is ${hex(other.blockHash)}. Somebody sealed another branch: revoke the key that he had`
  const message = `The proof does not lead on from block ${height} (${hash}), where the light client stands: ${why}.`
  return new CairnError('proof_needed', message, { height })
}

/** The call that brings a revocation. */
export function revocationCall(to: Hex, revocation: Revocation): Call {
  const args = [revocationValue(revocation)] as const
  return {
    purpose: `revoke delegation ${revocation.index}`,
    to,
    data: encodeFunctionData({ abi: ABI, functionName: 'revoke', args }),
  }
}

/** Whether a revocation is one that the client knows. */
export async function knowsRevocation(rpc: PublicClient, address: Hex, revocation: Revocation): Promise<boolean> {
  const { index, fromHeight, parentHash } = revocation
  const [extent, known, block] = await asked('revocation', () =>
    rpc.readContract({ address, abi: ABI, functionName: 'revoked', args: [index] }),
  )
  // Once two of them left nothing, no third one takes more away that counts.
  return extent === 2 || (extent === 1 && known === fromHeight && equal(Buffer.from(block.slice(2), 'hex'), parentHash))
}
