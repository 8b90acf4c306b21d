/** What each verdict does not mean, in a sentence: a reader who takes a proof for more than it is was not served by it. */
import type { Evidence, Proof } from '../../verify/index.ts'

const NOT: Readonly<Record<string, string>> = {
  format: 'That anything in it is true.',
  genesis: 'That you trust the right chain: the id has to come from somebody whom you trust.',
  delegation: 'That the cold key is in the right hands.',
  seal: 'That nobody else got hold of the hot key, or that no other block was sealed at this height.',
  revocation: 'That nothing was taken back since the list was made.',
  roots: 'That what the machine decided is what was agreed on.',
  head: 'That there is no newer block.',
  ancestor: 'That the block that it names has a seal of its own.',
  contradiction: 'Which of the two is the right one, or who is to blame: a key may have been stolen.',
  // Of a whole chain.
  order: 'That the times are true: they are the operator’s word.',
  hashes: 'That nothing was left out after the last block.',
  requests: 'That a client meant what was sent in its name.',
  ranges: 'That what the machine emitted is what it should have.',
  state: 'That the machine decides so: that is what the level replay shows, which executes the commands again.',
  authority: 'That the cold key is in the right hands.',
  seals: 'That there is no other branch of the chain.',
  frames: 'Who wrote it.',
  outcomes: 'That the machine is what was agreed on: that is to be read, not computed.',
  // Of an anchor.
  chain: 'That the chain is what you think it is.',
  path: 'That the root is on the EVM chain, or that the head was sealed: a proof of the chain says that.',
  transaction: 'That the RPC tells the truth: the operator of this server named it. cairn verify asks a node of yours.',
}

const NOT_OF_CLAIM: Readonly<Record<Proof['claims'][number]['kind'], string>> = {
  command: 'That it was right to execute it, or that its time is true.',
  obligation: 'That anybody acted on it.',
  intent: 'That it was carried out.',
  state: 'That it is so in any later block.',
  block: 'That its commands are known to you.',
  consistency: 'What stands in it.',
}

/** What it does not mean that this check holds. */
export function caveatOf(check: string, document: Proof | Evidence | undefined): string | undefined {
  const [, outer, inner] = /^claims\[(\d+)\](?:\.claims\[(\d+)\])?$/.exec(check) ?? []
  if (outer !== undefined) {
    if (document?.format !== 'cairn.proof/v1') return undefined
    const claim = document.claims[Number(outer)]
    const nested = inner !== undefined && claim?.kind === 'block' ? claim.claims?.[Number(inner)] : claim
    return nested && NOT_OF_CLAIM[nested.kind]
  }
  return NOT[check.split('.').at(-1) ?? check]
}

/** What each check of a whole chain means; those of documents are said by `meaningOf`. */
export const MEANING_OF_CHAIN: Readonly<Record<string, string>> = {
  frames: 'The file is as it was written, from its first byte to its last.',
  genesis: 'It is of the chain that you trust.',
  format: 'Every record follows the format.',
  order: 'Heights, parents, epochs, times and seqs follow one another.',
  hashes: 'Every block commits to its commands and to the roots that it names.',
  requests: 'No number of a client comes twice.',
  ranges: 'The four ranges, made again entry by entry, have the roots that the blocks name.',
  state: 'Both state trees, made again write by write, have the roots that the blocks name.',
  outcomes: 'Every command, executed again by the machine that was in force, has the outcome that the chain says.',
  authority: 'The cold key signed every delegation and revocation.',
  seals: 'Every seal holds, and one covers each block.',
  revocation: 'The newest block has a seal that was not taken back.',
  head: 'The block that you, or this browser, accepted before is in it; so is that of the proof behind which it was read.',
}
