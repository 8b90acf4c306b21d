/** What an audit looks at, and what it says where a chain is wrong. */
import type { ChainCheck } from '../verify/chain.ts'
import type { Spot } from './source.ts'

/** How much is verified, each level with all of the one before it. */
export type AuditLevel = 'seals' | 'roots' | 'replay'
export const LEVELS: readonly AuditLevel[] = ['seals', 'roots', 'replay']

/** The checks of FORMAT §11, and three of an audit: `frames` are as they were written, `outcomes` as the machine executes, the trusted `head` is in the chain. */
export type AuditCheck = ChainCheck | 'frames' | 'outcomes' | 'head'

/** In the order in which what is read goes through them. */
export const CHECKS: readonly AuditCheck[] = [
  'genesis',
  'frames',
  'format',
  'order',
  'hashes',
  'requests',
  'ranges',
  'state',
  'outcomes',
  'authority',
  'seals',
  'revocation',
  'head',
]

export interface FaultFound {
  readonly check: AuditCheck
  readonly reason: string
  readonly height?: bigint
  readonly seq?: bigint
}

/** Where a chain is wrong first. */
export interface AuditFault extends FaultFound, Partial<Spot> {}
