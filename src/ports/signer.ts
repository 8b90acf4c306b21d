/**
 * The port to the hot key: in this process, in one of its own, in a KMS or an HSM.
 *
 * It is given a block, never a digest, so that it knows what it signs: of a chain it signs one hash a height, and never one below the
 * newest that it signed.
 */
import type { Identity } from '../verify/identity.ts'
import type { Delegation, Header, Seal } from '../verify/types.ts'

export interface Signer {
  /** The delegations that the cold key gave to its keys. */
  readonly delegations: readonly Delegation[]
  /**
   * The seal of a block whose time one of the delegations is for. Refuses a second hash at a height with `seal_refused`. One that does not come in time is
   * given up, and the next one may be asked for while it is still under way: whoever writes a signer lets them decide one after the other.
   */
  seal(identity: Identity, header: Header): Promise<Seal>
}
