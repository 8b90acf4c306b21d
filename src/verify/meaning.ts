/** What each verdict means to whoever reads it, in a sentence: said once for the command line and for pages. */
import { fromUtf8, toHex } from './bytes.ts'
import type { Claim, Evidence, Proof } from './types.ts'

const PLAIN: Readonly<Record<string, string>> = {
  format: 'The document follows the format to the letter.',
  genesis: 'It is of the chain that you trust.',
  delegation: 'The cold key of the chain let this hot key sign blocks of that time.',
  seal: 'That hot key signed exactly this block.',
  revocation: 'The cold key did not take that right back.',
  roots: 'The block commits to these roots, and its numbers fit together.',
  head: 'It is the block that you accepted last, or comes after it.',
  ancestor: 'The block that it names is in its history.',
  contradiction: 'The two sealed blocks contradict each other: whoever held the keys signed both.',
}

/** What it means that a check of an anchor holds. */
export const OF_ANCHORS: Readonly<Record<string, string>> = {
  format: 'The document follows the format to the letter.',
  chain: 'It anchors a head of the chain that you trust.',
  path: 'That head is among those that the anchored root commits to.',
  head: 'That head is the block of the proof, or one that the proof shows in its history.',
  transaction: 'The root stands on the EVM chain, in the contract and by the transaction that it names.',
}

/** What it means that this check holds. Those of evidence carry the name of their side: `a.seal`; those of an anchor beside a proof, its name. */
export function meaningOf(check: string, document: Proof | Evidence | undefined): string {
  const ofClaim = document?.format === 'cairn.proof/v1' ? meaningAt(check, document) : undefined
  if (ofClaim !== undefined) return ofClaim
  const [side, name] = check.split('.')
  if (side === 'anchor' && name !== undefined) return OF_ANCHORS[name] ?? check
  return name === undefined ? (PLAIN[check] ?? check) : `Side ${side}: ${PLAIN[name] ?? check}`
}

function meaningAt(check: string, { claims }: Proof): string | undefined {
  const [, outer, inner] = /^claims\[(\d+)\](?:\.claims\[(\d+)\])?$/.exec(check) ?? []
  const claim = claims[Number(outer)]
  if (inner === undefined || claim?.kind !== 'block') return claim && meaningOfClaim(claim)
  const nested = claim.claims?.[Number(inner)]
  return nested && `At block ${claim.height}: ${meaningOfClaim(nested)}`
}

function meaningOfClaim(claim: Claim): string {
  switch (claim.kind) {
    case 'command': {
      const { seq, client, request, type, payload, payloadHash, status, reply } = claim.command
      const who = client === '' ? 'an anonymous client' : `client ${quoted(client)} (request ${request})`
      const what = payloadHash === undefined ? shown(payload) : `a payload of hash ${shown(payloadHash)}`
      const outcome = status === 0 ? 'accepted' : 'rejected'
      return `Command ${seq} of ${who}, ${quoted(type)} with ${what}, was ${outcome} with the reply ${shown(reply)}.`
    }
    case 'obligation': {
      const { seq, topic, data } = claim.obligation
      return `Event ${claim.index}, ${quoted(topic)} with ${shown(data)}, was emitted by command ${seq}.`
    }
    case 'intent': {
      const { seq, kind, data } = claim.intent
      return `Intent ${claim.index}, ${quoted(kind)} with ${shown(data)}, was made by command ${seq}.`
    }
    case 'state': {
      const key = `The key ${shown(claim.key)}`
      if (claim.value === null) return `${key} is not in the ${claim.tree} tree.`
      return `${key} has the value ${shown(claim.value)} in the ${claim.tree} tree.`
    }
    case 'block':
      return `Block ${claim.height} with hash ${toHex(claim.blockHash).slice(0, 10)}… is an ancestor.`
    case 'consistency':
      return `The ${claim.range === 'history' ? 'blocks' : claim.range} were only appended to since there were ${claim.size}.`
  }
}

const TEXT_MAX = 80
const HEX_MAX = 32

/** Bytes as text where they are text, as hex where not, and of long ones the beginning. */
function shown(bytes: Uint8Array = new Uint8Array(0)): string {
  const text = fromUtf8(bytes)
  const isText = text !== undefined && !/\p{C}/u.test(text)
  const max = isText ? TEXT_MAX : HEX_MAX
  const begins = isText ? quoted(Array.from(text).slice(0, max).join('')) : toHex(bytes.subarray(0, max))
  return (isText ? text : bytes).length > max ? `${begins}… (${bytes.length} bytes)` : begins
}

/** Text of a stranger, in quotes that are ours alone. */
export function quoted(text: string): string {
  return `“${escaped(text.replaceAll('\\', '\\\\').replace(/[“”]/g, spelledOut))}”`
}

/** Text with nothing in it that could steer a terminal, turn the direction of writing, or look like another kind of space or like nothing. */
export function escaped(text: string): string {
  return text.replace(/\p{C}|\p{Default_Ignorable_Code_Point}|\u2800|[^\P{Z} ]/gu, spelledOut)
}

function spelledOut(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
