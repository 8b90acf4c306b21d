/**
 * The contracts as a verifier of proofs and evidence: what they say of each check that FORMAT §8 names, to be held against what `src/verify`
 * says. A head that a proof only claims to have is planted in the client's storage: which heads it accepts is a check by itself.
 */
import { encodeAbiParameters, type Hex, keccak256, toHex as numberHex, pad } from 'viem'
import { cairnLightClientAbi, cairnLightClientBytecode } from '../../../contracts-abi/index.ts'
import {
  claimCall,
  descentValue,
  groundValue,
  headerValue,
  hex,
  pathValue,
  revocationValue,
  rootsValue,
  sealValue,
  sideValue,
} from '../../../src/evm/values.ts'
import { blockHash } from '../../../src/verify/block.ts'
import { equal } from '../../../src/verify/bytes.ts'
import {
  type BlockClaim,
  type Claim,
  type Engine,
  type Evidence,
  type Genesis,
  type Head,
  type Header,
  type Identity,
  identify,
  type Proof,
  type Revocation,
} from '../../../src/verify/index.ts'
import type { Answer, Deployed, InProcess } from './in-process.ts'
import { testContracts } from './solidity.ts'

/** Where the client keeps what, in the order in which it declares it. */
const SLOTS = { status: 0n, newestOf: 1n, heads: 2n } as const

/** Which check a refusal of `submitBlock` speaks of. */
const CHECKS: Readonly<Record<string, string>> = {
  Malformed: 'format',
  NotDelegated: 'delegation',
  DelegationEarly: 'delegation',
  DelegationExpired: 'delegation',
  NotSealed: 'seal',
  SealRevoked: 'revocation',
  NotByColdKey: 'revocation',
  WrongRoots: 'roots',
  Incoherent: 'roots',
  NotNewer: 'head',
  EpochLower: 'head',
  TimeEarlier: 'head',
  NotADescendant: 'head',
}

export interface Judged {
  readonly ok: boolean
  /** The first check that the contract refused, where it says which. */
  readonly refused?: string
}

const harnessOf = testContracts('Harness.sol')

export async function deployHarness(evm: InProcess): Promise<Deployed> {
  return evm.deploy(harnessOf('Harness'))
}

export function genesisValue(genesis: Genesis): object {
  return { ...genesis, coldKey: hex(genesis.coldKey), nonce: hex(genesis.nonce) }
}

export async function deployClient(
  evm: InProcess,
  genesis: Genesis,
  revocations: readonly Revocation[] = [],
): Promise<Deployed> {
  const contract = { abi: cairnLightClientAbi, bytecode: cairnLightClientBytecode }
  return evm.deploy(contract, [genesisValue(genesis), revocations.map(revocationValue)])
}

export class Judge {
  readonly client: Deployed
  private readonly evm: InProcess
  private readonly harness: Deployed
  private readonly identity: Identity
  private readonly engine: Engine

  private constructor(evm: InProcess, harness: Deployed, client: Deployed, identity: Identity, engine: Engine) {
    this.evm = evm
    this.harness = harness
    this.client = client
    this.identity = identity
    this.engine = engine
  }

  /** One that trusts the chain of this genesis. */
  static async of(evm: InProcess, harness: Deployed, genesis: Genesis, engine: Engine): Promise<Judge> {
    return new Judge(evm, harness, await deployClient(evm, genesis), identify(genesis, engine.hasher), engine)
  }

  /** Whether the client takes the block as its head, and what it refuses first where not. */
  async block(proof: Proof, known: readonly Revocation[] = [], head?: Head): Promise<Judged> {
    if (!(await this.isOwn(proof.genesis))) return { ok: false, refused: 'genesis' }
    // A client has the height of its head from the head itself.
    const hash = blockHash(this.identity, proof.block, this.engine.hasher)
    if (head !== undefined && equal(head.blockHash, hash) && head.height !== proof.block.height) return { ok: false }
    return this.evm.attempt(async () => {
      for (const each of [...proof.revocations, ...known]) {
        const { error } = await this.client.call('revoke', revocationValue(each))
        if (error !== undefined) return refusedAs(error)
      }
      if (head !== undefined) {
        await this.plant(head.blockHash, { ...head, epoch: head.epoch ?? 0n, timestamp: head.timestamp ?? 0n })
      }
      const isOfHead = (claim: Claim): claim is BlockClaim =>
        claim.kind === 'block' && claim.height === head?.height && equal(claim.blockHash, head.blockHash)
      const { path = [] } = proof.claims.find(isOfHead) ?? {}
      const { block, roots, seal } = proof
      const args = [headerValue(block), rootsValue(roots), sealValue(seal), pathValue(path)]
      return judgedBy(await this.client.call('submitBlock', ...args))
    })
  }

  /** The claims by their checks, the nested ones too, as if the block had been accepted. */
  async claims({ block, roots, claims }: Pick<Proof, 'block' | 'roots' | 'claims'>): Promise<Record<string, Judged>> {
    return this.evm.attempt(async () => {
      await this.plant(blockHash(this.identity, block, this.engine.hasher), block)
      const judged: Record<string, Judged> = {}
      for (const [i, claim] of claims.entries()) {
        judged[`claims[${i}]`] = await this.claim(claim, { block, roots })
        for (const [j, nested] of (claim.kind === 'block' ? (claim.claims ?? []) : []).entries()) {
          judged[`claims[${i}].claims[${j}]`] = await this.nested(nested, claim as BlockClaim, { block, roots })
        }
      }
      return judged
    })
  }

  async evidence({ genesis, a, b }: Evidence): Promise<Judged> {
    if (!(await this.isOwn(genesis))) return { ok: false, refused: 'genesis' }
    return this.evm.attempt(async () =>
      judgedBy(await this.client.call('reportEquivocation', sideValue(a), sideValue(b))),
    )
  }

  /** A client is of one chain: what is of another one is for another client. */
  private async isOwn(genesis: Genesis): Promise<boolean> {
    const [own, other] = [
      await this.client.call('chainId'),
      await this.harness.call('chainIdOf', genesisValue(genesis)),
    ]
    return own.result === other.result
  }

  private async claim(claim: Claim, ground: Pick<Proof, 'block' | 'roots'>): Promise<Judged> {
    const call = claimCall(claim)
    if (call !== undefined) {
      // A command's index is its seq: the contract has one number for both.
      if (claim.kind === 'command' && claim.index !== claim.command.seq) return { ok: false }
      return judgedBy(await this.client.call(call.functionName, groundValue(ground), [], ...call.rest))
    }
    if (claim.kind === 'consistency') return this.consistency(claim, ground)
    return this.ancestor(claim as BlockClaim, ground)
  }

  private async nested(claim: Claim, outer: BlockClaim, top: Pick<Proof, 'block' | 'roots'>): Promise<Judged> {
    const under = await this.ancestor(outer, top)
    if (!under.ok) return under
    const call = claimCall(claim)
    const ground = { block: outer.block, roots: outer.roots } as Pick<Proof, 'block' | 'roots'>
    if (call === undefined) return this.claim(claim, ground)
    if (claim.kind === 'command' && claim.index !== claim.command.seq) return { ok: false }
    const args = [groundValue(ground), [descentValue(top, outer)], ...call.rest]
    return judgedBy(await this.client.call(call.functionName, ...args))
  }

  private async ancestor(claim: BlockClaim, top: Pick<Proof, 'block' | 'roots'>): Promise<Judged> {
    const { height, path } = claim
    const { header, roots } = groundValue(top)
    const asked = await this.harness.call('isAncestor', height, hex(claim.blockHash), header, roots, pathValue(path))
    if (asked.result !== true) return { ok: false }
    if (claim.block === undefined || claim.roots === undefined) return { ok: true }
    // What is carried has to be that block.
    if (claim.block.height !== height) return { ok: false }
    if (!equal(blockHash(this.identity, claim.block, this.engine.hasher), claim.blockHash)) return { ok: false }
    const ground = groundValue({ block: claim.block, roots: claim.roots })
    return judgedBy(await this.client.call('verifyBlock', ground, [descentValue(top, claim)]))
  }

  private async consistency(
    { size, root, range, path }: Extract<Claim, { kind: 'consistency' }>,
    { block, roots }: Pick<Proof, 'block' | 'roots'>,
  ): Promise<Judged> {
    const newer = range === 'history' ? { size: block.height, root: roots.history } : roots[range]
    const args = [size, hex(root), newer.size, hex(newer.root), pathValue(path)]
    const { result } = await this.harness.call('isConsistent', ...args)
    return { ok: result === true }
  }

  /** As if the client had accepted it, under an index that nobody revokes. */
  private async plant(hash: Uint8Array, head: Pick<Header, 'height' | 'epoch' | 'timestamp'>): Promise<void> {
    const { client, evm } = this
    const UNUSED = 0xffff_ffff_ffff_fffen
    const packed = head.height | (head.epoch << 48n) | (head.timestamp << 96n) | (UNUSED << 144n) | (evm.now << 208n)
    await evm.write(client.address, slotOf(hex(hash), SLOTS.heads), word(packed))
    await evm.write(client.address, slotOf(word(0n), SLOTS.newestOf), hex(hash))
    // One run, and it has begun.
    await evm.write(client.address, word(SLOTS.status), word(1n | (1n << 64n)))
  }
}

function slotOf(key: Hex, slot: bigint): Hex {
  return keccak256(encodeAbiParameters([{ type: 'bytes32' }, { type: 'uint256' }], [key, slot]))
}

function word(value: bigint): Hex {
  return pad(numberHex(value), { size: 32 })
}

function judgedBy({ error }: Answer): Judged {
  return error === undefined ? { ok: true } : refusedAs(error)
}

function refusedAs(error: string): Judged {
  const check = CHECKS[error]
  return check === undefined ? { ok: false } : { ok: false, refused: check }
}
