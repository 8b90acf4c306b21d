/**
 * The hot keys of a keys directory in the process that seals with them: unlocked once, and watched, so that what the cold key signs later takes effect
 * without a restart.
 *
 * Promise: what was taken back is published only after the chain has taken it up. The passphrase stays in memory as long as the keys do: it opens the
 * keystores that are imported later.
 */
import { toHex } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import type { Delegation, Revocation } from '../verify/types.ts'
import { type HotSigner, hotSigner } from './hot-signer.ts'
import type { KeysDirectory } from './keys-directory.ts'

/** What a look at the directory brought into the chain. */
export interface TakenUp {
  readonly delegations: readonly Delegation[]
  readonly revocations: readonly Revocation[]
}

export class UnlockedKeys {
  readonly signer: HotSigner
  private readonly directory: KeysDirectory
  private readonly passphrase: Uint8Array
  /** The indexes of the keystores that were tried: one that does not open is not tried again, each try takes its time. */
  private readonly tried: Set<bigint>
  /** What the signer has and the chain has not taken up. */
  private fresh: Delegation[] = []

  /** The signatures of the revocations that the chain knows. */
  private readonly known: Set<string>

  private constructor(
    directory: KeysDirectory,
    passphrase: Uint8Array,
    signer: HotSigner,
    published: readonly Revocation[],
  ) {
    this.directory = directory
    this.passphrase = passphrase
    this.signer = signer
    this.tried = new Set(signer.delegations.map(({ index }) => index))
    this.known = new Set(published.map(nameOf))
  }

  /**
   * Takes as long as the keystores are strong. The passphrase is its own from now on. What is published by now is for the caller to give to the chain
   * (the option `revocations`).
   */
  static async open(directory: KeysDirectory, passphrase: Uint8Array, engine: Engine): Promise<UnlockedKeys> {
    const published = await directory.revocations()
    return new UnlockedKeys(directory, passphrase, hotSigner(await directory.unlock(passphrase), engine), published)
  }

  /** Looks for what was imported since, and has the chain take it up. What the chain refuses is offered again at the next look. */
  async look(takeUp: (revocations: readonly Revocation[]) => Promise<void>): Promise<TakenUp> {
    const { directory, signer, known } = this
    await this.refresh()
    const imported = [...(await directory.signedRevocations()), ...(await directory.revocations())]
    const revocations = imported.filter((each) => !known.has(nameOf(each)))
    const delegations = this.fresh
    if (delegations.length === 0 && revocations.length === 0) return { delegations, revocations }
    await takeUp(revocations)
    this.fresh = []
    for (const revocation of revocations) {
      known.add(nameOf(revocation))
      signer.retire(revocation.index)
      await directory.publish(revocation)
    }
    return { delegations, revocations }
  }

  /**
   * Opens what was imported since, and seals nothing more under what is published as taken back: all that a signer in a process of its own does, which
   * has no chain.
   */
  async refresh(): Promise<void> {
    const { directory, passphrase, signer, tried } = this
    const { delegations, keystores } = await directory.list()
    for (const index of delegations.filter((each) => keystores.includes(each) && !tried.has(each))) {
      tried.add(index)
      for (const key of await directory.unlock(passphrase, (delegation) => delegation.index === index)) {
        signer.add(key)
        this.fresh.push(key.delegation)
      }
    }
    for (const { index } of await directory.revocations()) signer.retire(index)
  }

  /** Nothing is sealed any more, and nothing of the secret stays. */
  forget(): void {
    this.passphrase.fill(0)
  }
}

function nameOf({ signature }: Revocation): string {
  return toHex(signature)
}
