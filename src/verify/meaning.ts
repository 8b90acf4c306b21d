/** What each verdict means to whoever reads it, in a sentence: said once for the command line and for pages. */
import { toHex } from './bytes.ts'
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

/** What it means that this check holds. The checks of evidence carry the name of their side: `a.seal`. */
export function meaningOf(check: string, document: Proof | Evidence | undefined): string {
  const claim = document?.format === 'cairn.proof/v1' ? claimAt(check, document) : undefined
  if (claim !== undefined) return meaningOfClaim(claim)
  const [side, name] = check.split('.')
  return name === undefined ? (PLAIN[check] ?? check) : `Side ${side}: ${PLAIN[name] ?? check}`
}

function claimAt(check: string, { claims }: Proof): Claim | undefined {
  const indexes = /^claims\[(\d+)\](?:\.claims\[(\d+)\])?$/.exec(check)
  if (indexes === null) return undefined
  const outer = claims[Number(indexes[1])]
  if (indexes[2] === undefined) return outer
  return outer?.kind === 'block' ? outer.claims?.[Number(indexes[2])] : undefined
}

export function meaningOfClaim(claim: Claim): string {
  switch (claim.kind) {
    case 'command': {
      const { seq, client, request, type, status } = claim.command
      const who = client === '' ? 'an anonymous client' : `client ${quoted(client)}, request ${request}`
      return `Command ${seq} (${quoted(type)} of ${who}) was ${status === 0 ? 'accepted' : 'rejected'}, with this reply.`
    }
    case 'obligation':
      return `Event ${claim.index} (${quoted(claim.obligation.topic)}) was emitted by command ${claim.obligation.seq}.`
    case 'intent':
      return `Intent ${claim.index} (${quoted(claim.intent.kind)}) was made by command ${claim.intent.seq}.`
    case 'state':
      return `${claim.value === null ? 'No key' : 'The key'} ${nameOfKey(claim.key)} ${claim.value === null ? 'is' : 'with this value is'} in the ${claim.tree} tree.`
    case 'block':
      return `Block ${claim.height} with hash ${toHex(claim.blockHash).slice(0, 10)}… is an ancestor.`
    case 'consistency':
      return `The ${claim.range} were only appended to since there were ${claim.size}.`
  }
}

/** A key as text where it is plain text, as hex where not. */
function nameOfKey(key: Uint8Array): string {
  const isPlain = key.every((byte) => byte >= 0x20 && byte < 0x7f)
  return isPlain ? quoted(String.fromCharCode(...key)) : toHex(key)
}

/** Text of a stranger, shown so that it can neither steer a terminal nor pass for ours. */
export function quoted(text: string): string {
  return `“${text.replace(/[\p{C}\p{Zl}\p{Zp}“”]/gu, (unit) => `\\u{${(unit.codePointAt(0) ?? 0).toString(16)}}`)}”`
}
