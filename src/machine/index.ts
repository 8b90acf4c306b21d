/**
 * The state machine contract and the machines that come with the package: what decides which outcome a command has, and which
 * writes, obligations and intents follow from it.
 */
export { admit, type BatchCommand } from './admission.ts'
export { type BatchEntry, type BatchPlace, type BatchResult, executeBatch } from './batch.ts'
export type { CommandOutcome, Machine, Reads, Tx } from './contract.ts'
export { defineMachine } from './define.ts'
export { decodeEntry, external } from './external.ts'
export { kv } from './kv.ts'
export { ledger } from './ledger.ts'
export { trialBalance } from './ledger-books.ts'
export { MachineSet, machinesOf } from './machine-set.ts'
