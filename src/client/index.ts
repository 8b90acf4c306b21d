/** `cairn-log/client`: commands over HTTP, and receipts that were checked before they are given. In Node and in browsers. */
export { CairnError } from '../verify/error.ts'
export type { StateStore } from './chain-view.ts'
export { CairnClient, type CallOptions, type ClientCommand, type ValueRead } from './client.ts'
export type { BlockEvent, BlocksOptions } from './events.ts'
export type { ProofAsked } from './facts.ts'
export type { ClientOptions } from './options.ts'
export type { ProvedBlock } from './proved-block.ts'
export type { ClientReceipt } from './receipts.ts'
