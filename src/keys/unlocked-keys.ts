/**
 * The hot keys of a keys directory in the process that seals with them: unlocked once, and watched, so that what the cold key signs later takes effect
 * without a restart.
 *
 * Promise: what was taken back is published only after the chain has taken it up. The passphrase stays in memory as long as the keys do: it opens the
 * keystores that are imported later.
 */
import { toHex } from '../verify/bytes.ts'
import type { Engine } from '../verify/engine.ts'
import { CairnError } from '../verify/error.ts'
import type { Delegation, Revocation } from '../verify/types.ts'
import { type HotKey, type HotSigner, hotSigner } from './hot-signer.ts'
import type { KeysDirectory } from './keys-directory.ts'

/** What a look at the directory brought into the chain. */
export interface TakenUp {
  readonly delegations: readonly Delegation[]
  readonly revocations: readonly Revocation[]
}

export class UnlockedKeys {
  readonly signer: HotSigner
  /** The indexes of the keystores that the passphrase did not open at the start. */
  readonly locked: readonly bigint[]
  private readonly directory: KeysDirectory
  private readonly passphrase: Uint8Array
  private readonly keys: HotKey[]
  /** The indexes of the keystores that were tried: one that does not open is not tried again, each try takes its time. */
  private readonly tried: Set<bigint>
  /** Why the keystores of these indexes could not be read, as it was told. */
  private readonly unread = new Map<bigint, string>()
  /** What the signer has and the chain has not taken up. */
  private fresh: Delegation[] = []
  private looking: Promise<unknown> = Promise.resolve()
  /** Whether nothing of the secrets may stay: what is being opened then goes as well. */
  private isForgotten = false
  /** The signatures of the revocations that the chain knows, and that are published for good. */
  private readonly known: Set<string>

  private constructor(
    directory: KeysDirectory,
    passphrase: Uint8Array,
    { keys, locked }: Opened,
    published: readonly Revocation[],
    engine: Engine,
  ) {
    this.directory = directory
    this.passphrase = passphrase
    this.keys = [...keys]
    this.locked = locked
    this.signer = hotSigner(keys, engine)
    this.tried = new Set([...locked, ...keys.map(({ delegation }) => delegation.index)])
    this.known = new Set(published.map(nameOf))
  }

  /**
   * Takes as long as the keystores are strong. The passphrase is its own from now on, and wiped where this fails. It has to open one of the keystores: the
   * next key may have another passphrase than the one that it takes over from. What is published by now is for the caller to give to the chain (the
   * option `revocations`).
   */
  static async open(directory: KeysDirectory, passphrase: Uint8Array, engine: Engine): Promise<UnlockedKeys> {
    try {
      // What waits as well was published by somebody who was killed on the way, or told that a sync failed: it is published again.
      const waiting = new Set((await directory.signedRevocations()).map(nameOf))
      const published = (await directory.revocations()).filter((each) => !waiting.has(nameOf(each)))
      return new UnlockedKeys(directory, passphrase, await openedWith(directory, passphrase), published, engine)
    } catch (error) {
      passphrase.fill(0)
      throw error
    }
  }

  /**
   * Looks for what was imported since, and has the chain take it up. What the chain refuses, or could not be published, is offered again at the next
   * look. One look at a time. With those that the chain knows (`chain.authority.revocations`) it publishes what is missing in the directory, too: an older
   * one may have been put back, and whoever verifies by its list would take a stolen key for a good one.
   */
  look(
    takeUp: (revocations: readonly Revocation[]) => Promise<void>,
    ofChain: readonly Revocation[] = [],
  ): Promise<TakenUp> {
    const looked = this.looking.then(() => this.lookAlone(takeUp, ofChain))
    // That it failed is for its caller.
    this.looking = looked.catch(() => undefined)
    return looked
  }

  private async lookAlone(
    takeUp: (revocations: readonly Revocation[]) => Promise<void>,
    ofChain: readonly Revocation[],
  ): Promise<TakenUp> {
    const { directory, signer, known } = this
    await this.refresh()
    const imported = [...(await directory.signedRevocations()), ...(await directory.revocations())]
    const byName = new Map(imported.map((each) => [nameOf(each), each]))
    const isNew = (each: Revocation): boolean => !known.has(nameOf(each))
    const lost = ofChain.filter((each) => isNew(each) && !byName.has(nameOf(each)))
    const asked = [...byName.values()].filter(isNew)
    const revocations = [...lost, ...asked]
    const delegations = this.fresh
    if (delegations.length > 0 || asked.length > 0) {
      // Else the head would be sealed with one of them, where it is the newest: the chain would refuse that.
      for (const { index } of asked) signer.defer(index)
      await takeUp(asked)
      this.fresh = []
    }
    for (const { index } of revocations) signer.retire(index)
    for (const revocation of revocations) {
      await directory.publish(revocation)
      known.add(nameOf(revocation))
    }
    return { delegations, revocations }
  }

  /**
   * Opens what was imported since, and seals nothing more under what is published as taken back: all that a signer in a process of its own does, which
   * has no chain.
   */
  async refresh(): Promise<void> {
    const { directory, signer, tried } = this
    // Before the others: whoever published one had imported the delegation that takes over by then.
    const published = await directory.revocations()
    const { delegations, keystores } = await directory.list()
    for (const index of delegations.filter((each) => keystores.includes(each) && !tried.has(each))) {
      for (const key of await this.openedNow(index)) {
        // First, so that it is wiped at the end whatever becomes of it.
        this.keys.push(key)
        signer.add(key)
        this.fresh.push(key.delegation)
      }
    }
    for (const { index } of published) signer.retire(index)
  }

  /** The key of this index. Why it cannot be read is told once for each reason, and it is read again at the next look: somebody may be copying it there. */
  private async openedNow(index: bigint): Promise<readonly HotKey[]> {
    const { directory, passphrase, tried, unread } = this
    try {
      const opened = await directory.unlock(passphrase, (delegation) => delegation.index === index)
      tried.add(index)
      if (!this.isForgotten) return opened
      for (const { privateKey } of opened) privateKey.fill(0)
      return []
    } catch (error) {
      const code = error instanceof CairnError ? error.code : ''
      if (code === 'passphrase_wrong') tried.add(index)
      else if (unread.get(index) === code) return []
      unread.set(index, code)
      throw error
    }
  }

  /** Nothing is sealed any more, and nothing of the secrets stays. */
  forget(): void {
    this.isForgotten = true
    this.passphrase.fill(0)
    for (const { privateKey, delegation } of this.keys) {
      this.signer.retire(delegation.index)
      privateKey.fill(0)
    }
  }
}

interface Opened {
  readonly keys: readonly HotKey[]
  readonly locked: readonly bigint[]
}

/** Fails as the last keystore did where none of them opens. */
async function openedWith(directory: KeysDirectory, passphrase: Uint8Array): Promise<Opened> {
  const { delegations } = await directory.list()
  const keys: HotKey[] = []
  const locked: bigint[] = []
  let wrong: CairnError | undefined
  try {
    for (const index of delegations) {
      try {
        keys.push(...(await directory.unlock(passphrase, (each) => each.index === index)))
      } catch (error) {
        if (!(error instanceof CairnError && error.code === 'passphrase_wrong')) throw error
        locked.push(index)
        wrong = error
      }
    }
    if (keys.length === 0 && wrong !== undefined) throw wrong
    return { keys, locked }
  } catch (error) {
    for (const { privateKey } of keys) privateKey.fill(0)
    throw error
  }
}

function nameOf({ signature }: Revocation): string {
  return toHex(signature)
}
