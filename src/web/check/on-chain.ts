/** What the EVM chain says of the anchor in a file that was judged: shown at once as being asked, and again when it has answered. */

import type { Found } from '../../evm/anchor-transaction.ts'
import type { Fetch } from '../../http/fetch.ts'
import { type Anchor, encodeAnchor } from '../../verify/anchor.ts'
import { unchecked } from '../../verify/verdict.ts'
import { type Child, h } from '../dom.ts'
import { stranger } from '../show.ts'
import { askEvm } from './evm-rpc.ts'
import { type Judged, withTransaction } from './judge.ts'

type Draw = (judged: Judged, said: Child) => void

const ASKED = unchecked('transaction', 'the EVM chain is being asked …')

/**
 * For one file that was brought and what is changed in it: draws what was judged, and answers with it, the EVM chain's word included. The same anchor is asked for
 * once.
 */
export function onChain(
  evmRpc: string | undefined,
  signal: AbortSignal,
): (judged: Judged, draw: Draw) => Promise<Judged> {
  const answers = new Map<string, Promise<Found>>()
  const fetching: Fetch = (url, init) => fetch(url, init)
  const ask = (url: string, anchor: Anchor): Promise<Found> => {
    const text = encodeAnchor(anchor)
    const answer = answers.get(text) ?? askEvm(url, anchor, signal, fetching)
    answers.set(text, answer)
    return answer
  }
  let turns = 0
  return async (judged, draw) => {
    const turn = ++turns
    const { anchor } = judged
    if (anchor === undefined || evmRpc === undefined) {
      draw(judged, anchor !== undefined && notAsked())
      return judged
    }
    draw(withTransaction(judged, ASKED), false)
    const { verdict, said } = await ask(evmRpc, anchor)
    const answered = withTransaction(judged, verdict)
    // Another one was drawn meanwhile.
    if (turn === turns) draw(answered, said !== undefined && isAnchored(answered) && saidBy(evmRpc, said))
    return answered
  }
}

/** A root that is there has nothing to say of a head that is not under it. */
function isAnchored({ verification }: Judged): boolean {
  return verification.verdicts.every(({ check, verdict }) => verdict !== 'fail' || !check.startsWith('anchor.'))
}

function notAsked(): HTMLElement {
  return h(
    'p',
    { class: 'on-chain' },
    'The EVM chain was not asked: that it is anchored is the word of whoever gave you this. ',
    h('code', {}, 'cairn verify --rpc'),
    ' asks a node of yours; this page can ask the one alone that the operator of its server names, with ',
    h('code', {}, 'cairn serve --evm-rpc'),
    '.',
  )
}

function saidBy(evmRpc: string, said: string): HTMLElement {
  return h(
    'p',
    { class: 'on-chain' },
    h('strong', {}, said),
    ' So says the RPC at ',
    stranger(new URL(evmRpc).origin),
    ', which the operator of this server named. That it tells the truth is for you to know.',
  )
}
