/** A light client on an EVM in this process that follows a made chain, as tests drive it. */
import type { Hex } from 'viem'
import {
  descentValue,
  groundValue,
  headerValue,
  hex,
  intentValue,
  pathValue,
  revocationValue,
  rootsValue,
  sealValue,
  sideValue,
} from '../../../src/evm/values.ts'
import { withdrawalData } from '../../../src/evm/vault.ts'
import type { BlockClaim, EvidenceSide, IntentClaim, Revocation } from '../../../src/verify/index.ts'
import type { ChainMaker, HotKey, MadeBlock } from '../maker.ts'
import type { Answer, Deployed, InProcess } from './in-process.ts'
import { deployClient } from './judge.ts'

export class Followed {
  readonly evm: InProcess
  readonly maker: ChainMaker
  readonly client: Deployed

  private constructor(evm: InProcess, maker: ChainMaker, client: Deployed) {
    this.evm = evm
    this.maker = maker
    this.client = client
  }

  static async of(evm: InProcess, maker: ChainMaker, revocations: readonly Revocation[] = []): Promise<Followed> {
    return new Followed(evm, maker, await deployClient(evm, maker.identity.genesis, revocations))
  }

  /** Brings a block of a chain, proved from the head at this height of that same chain. */
  submit(
    height: number,
    from?: number,
    { by, of = this.maker }: { readonly by?: HotKey; readonly of?: ChainMaker } = {},
  ): Promise<Answer> {
    return this.client.call('submitBlock', ...this.blockArgs(height, by, of), this.way(height, from, of))
  }

  resume(
    height: number,
    base: number,
    { by, of = this.maker }: { by?: HotKey; of?: ChainMaker } = {},
  ): Promise<Answer> {
    const hash = hex(of.madeAt(base).hash)
    const way = base === height ? [] : this.way(height, base, of)
    return this.client.call('resume', ...this.blockArgs(height, by, of), hash, way)
  }

  blockArgs(height: number, by: HotKey | undefined, of: ChainMaker): readonly [object, object, object] {
    const made = of.madeAt(height)
    const seal = by === undefined ? made.seal : of.seal(made.hash, by)
    return [headerValue(made.header), rootsValue(made.roots), sealValue(seal)]
  }

  way(height: number, from: number | undefined, of: ChainMaker): readonly Hex[] {
    return from === undefined ? [] : pathValue(of.ranges.history.path(BigInt(from), BigInt(height)))
  }

  revoke(revocation: Revocation): Promise<Answer> {
    return this.client.call('revoke', revocationValue(revocation))
  }

  report(a: EvidenceSide, b: EvidenceSide): Promise<Answer> {
    return this.client.call('reportEquivocation', sideValue(a), sideValue(b))
  }

  /** The height of the newest head that stands, or why there is none. */
  async head(): Promise<number | string | undefined> {
    const { result, error } = await this.client.call('head')
    return error ?? (result as readonly [Hex, { height: number }])[1].height
  }

  /** An intent, proved under the block at this height, which is a head or lies under one. */
  intent(index: bigint, at: number, under?: number): readonly [object, object[], object, readonly Hex[]] {
    const made = this.maker.madeAt(at)
    const claim = this.maker.intentClaim(index, made) as IntentClaim
    return [groundOf(made), this.under(at, under), intentValue(claim), pathValue(claim.path)]
  }

  under(at: number, under: number | undefined): object[] {
    if (under === undefined) return []
    const top = this.maker.madeAt(under)
    return [descentValue({ block: top.header, roots: top.roots }, this.maker.blockClaim(BigInt(at), top) as BlockClaim)]
  }
}

export function groundOf({ header, roots }: MadeBlock): object {
  return groundValue({ block: header, roots })
}

export function sideOf({ header, seal }: MadeBlock): EvidenceSide {
  return { block: header, seal }
}

/** The data of a `withdraw` intent. */
export function withdrawal(vault: Hex, to: Hex, amount: bigint, asset: Hex = ZERO, evmChainId = 1n): Uint8Array {
  return withdrawalData({ evmChainId, vault, asset, to, amount })
}

const ZERO: Hex = `0x${'00'.repeat(20)}`
