/**
 * An auditor, who reads what the end of a life left before anybody starts on it: at every moment a copy of the journal alone has all that was told, and
 * verifies under every revocation that was published.
 */
import { type ChainAudit, verifyChain } from '../../../src/audit/audit.ts'
import { journalSource } from '../../../src/audit/journal-source.ts'
import type { World } from '../world.ts'
import { demand } from './broken.ts'
import type { Callers } from './callers.ts'
import type { Operator } from './operator.ts'
import type { Reached } from './reached.ts'
import { DIRECTORY, engine, keys } from './setting.ts'

export interface AuditorParts {
  readonly callers: Callers
  readonly operator: Operator
  readonly reached: Reached
}

export async function audited(world: World, { callers, operator, reached }: AuditorParts): Promise<void> {
  const audit = await world.clock.until(verified(world, operator))
  reached.count('audits')
  // A chain without a block verifies nothing, nor does one of which no seal is in the journal yet.
  const isSealed = audit.head !== undefined
  const fault = (): string => `what a life left does not verify: ${audit.fault?.check}: ${audit.fault?.reason}`
  const isEmpty = audit.blocks === 0n && audit.fault?.check === 'order'
  demand(audit.ok || (!isSealed && (isEmpty || audit.unsealed === 0n)), 'audit', fault)
  const told = callers.toldAbove(audit.blocks - 1n)
  demand(told === undefined, 'audit', () => `block ${told} was told, and an auditor reads ${audit.blocks} blocks`)
}

async function verified({ disk }: World, { published }: Operator): Promise<ChainAudit> {
  const source = await journalSource(DIRECTORY, engine.hasher, { disk, pause: () => Promise.resolve() })
  const { chainId } = keys.identity
  return verifyChain(source, { chainId, level: 'seals', revocations: [...published], engine, cores: 1 })
}
