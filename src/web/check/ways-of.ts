/** The ways of a proof's claims, drawn: of the first few, for a picture of each of a thousand helps nobody. */
import {
  type Claim,
  commandLeaf,
  type Header,
  identityHash,
  intentLeaf,
  obligationLeaf,
  type Proof,
  type Roots,
} from '../../verify/index.ts'
import { h } from '../dom.ts'
import { drawnRange, drawnState } from '../draw/ways.ts'
import { hasher } from '../session.ts'
import { count, plural, section } from '../show.ts'

const DRAWN = 6

interface Ground {
  readonly block: Header
  readonly roots: Roots
}

export function waysOf(proof: Proof): HTMLElement {
  const all = groundedIn(proof)
  const drawn = all.slice(0, DRAWN).map(([claim, ground]) => {
    const [name, picture] = wayOf(claim, ground)
    return h('details', { class: 'way-of' }, h('summary', {}, name), picture)
  })
  drawn[0]?.setAttribute('open', '')
  return section(
    'The ways of its claims',
    drawn,
    all.length > DRAWN && h('p', { class: 'faint' }, `And ${plural(all.length - DRAWN, 'claim')} more.`),
  )
}

function groundedIn(proof: Proof): readonly (readonly [Claim, Ground])[] {
  return proof.claims.flatMap((claim): (readonly [Claim, Ground])[] => {
    if (claim.kind !== 'block' || claim.block === undefined || claim.roots === undefined) return [[claim, proof]]
    const { block, roots } = claim
    return [[claim, proof], ...(claim.claims ?? []).map((nested) => [nested, { block, roots }] as const)]
  })
}

function wayOf(claim: Claim, { block, roots }: Ground): readonly [name: string, picture: HTMLElement] {
  const { commands, obligations, intents } = roots
  switch (claim.kind) {
    case 'command':
      return [
        `Command ${count(claim.index)}`,
        drawnRange(
          commandLeaf(identityHash(claim.command, hasher), claim.command, hasher),
          claim.index,
          commands.size,
          claim.path,
        ),
      ]
    case 'obligation':
      return [
        `Event ${count(claim.index)}`,
        drawnRange(obligationLeaf(claim.index, claim.obligation, hasher), claim.index, obligations.size, claim.path),
      ]
    case 'intent':
      return [
        `Intent ${count(claim.index)}`,
        drawnRange(intentLeaf(claim.index, claim.intent, hasher), claim.index, intents.size, claim.path),
      ]
    case 'state':
      return [`A key of the ${claim.tree} tree`, drawnState(claim)]
    case 'block':
      return [`Block ${count(claim.height)}`, drawnRange(claim.blockHash, claim.height, block.height, claim.path)]
    case 'consistency':
      return [
        `The ${claim.range} range since it had ${count(claim.size)}`,
        h('p', {}, `${plural(claim.path.length, 'hash', 'hashes')} show that it was only appended to.`),
      ]
  }
}
