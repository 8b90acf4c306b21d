/**
 * The state machine contract and the machines that come with the package: what decides which outcome a command has, and which
 * writes, obligations and intents follow from it.
 */
export { admit, type BatchCommand } from './admission.ts'
export { type BatchEntry, type BatchPlace, type BatchResult, executeBatch } from './batch.ts'
export type { CommandDefinition, CommandOutcome, Machine, MachineCommand, Reads, Tx } from './contract.ts'
export { defineMachine, type MachineDefinition } from './define.ts'
export { decodeEntry, type ExternalCommand, external, type Passthrough } from './external.ts'
export { kv } from './kv.ts'
export { ledger } from './ledger.ts'
export { trialBalance } from './ledger-books.ts'
export { MachineSet } from './machine-set.ts'
export type { Written } from './overlay.ts'
