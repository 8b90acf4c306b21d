/**
 * The bank outside. It believes nobody here: it pays what is proved to stand in the chain that it trusts, under the index of the intent, once. Whoever asks
 * again is told that it was paid: so a line that goes dead after a payment does no harm.
 */
import { decodeProof, type Revocation, verifyProof } from 'cairn-log/verify'

export interface Payment {
  readonly destination: string
  readonly currency: string
  readonly amount: string
}

export class Bank {
  readonly payments = new Map<bigint, Payment>()
  private readonly chainId: Uint8Array
  /** As the bank fetches them from where the chain's cold key publishes them, never from whoever wants to be paid. */
  private readonly revocations: readonly Revocation[] = []
  private calls = 0

  constructor(chainId: Uint8Array) {
    this.chainId = chainId
  }

  pay(proof: string): Payment {
    const { ok, verdicts } = verifyProof(proof, { chainId: this.chainId, revocations: this.revocations })
    const failed = verdicts.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check)
    if (!ok) throw new Error(`the proof does not hold: ${failed.join(', ')}`)
    const claim = decodeProof(proof).claims.find(({ kind }) => kind === 'intent')
    if (claim?.kind !== 'intent' || claim.intent.kind !== 'withdraw') throw new Error('the proof is of no withdrawal')
    const { destination, currency, amount } = JSON.parse(new TextDecoder().decode(claim.intent.data)) as Payment
    const payment = this.payments.get(claim.index) ?? { destination, currency, amount }
    this.payments.set(claim.index, payment)
    if (++this.calls % 4 === 0) throw new Error('the line went dead') // after the payment, as lines do
    return payment
  }
}
