/** What the page and its worker say to each other, and how one is started. */
import type { AuditLevel, KnownElsewhere } from '../audit/browser.ts'
import type { Revocation } from '../verify/index.ts'
import type { ExportReport } from './check/export.ts'

export type Asked =
  | {
      readonly what: 'follow'
      readonly origin: string
      readonly chainId: string
      readonly token: string | undefined
      readonly from: bigint
    }
  | ({ readonly what: 'verify' } & ExportGiven)
  /** The answer to `begins`. */
  | ({ readonly what: 'known' } & KnownElsewhere)

/** An export, and what is asked of it. */
export interface ExportGiven {
  readonly file: Blob
  readonly chainId: string
  readonly revocations: readonly Revocation[] | undefined
  readonly level: AuditLevel
}

/** A block that was checked: it is of the chain, and follows the one before. */
export interface ToldBlock {
  readonly height: bigint
  readonly hash: Uint8Array
  readonly parentHash: Uint8Array
  readonly timestamp: bigint
  readonly commandCount: bigint
  /** By what it is known: its own seal, a proof of one above it, or that it follows alone. */
  readonly by: 'seal' | 'proof' | 'order'
}

export interface Progress {
  readonly read: number
  readonly size: number
  readonly blocks: bigint
  readonly commands: bigint
}

export type Told =
  | {
      readonly what: 'blocks'
      readonly newest: readonly ToldBlock[]
      readonly blocks: number
      readonly commands: number
    }
  /** Whether the server is there: where it is not, it is asked again. */
  | { readonly what: 'connection'; readonly isThere: boolean }
  /** The blocks that the export says that it has: the page is to answer what it knows of them. */
  | { readonly what: 'begins'; readonly from: bigint; readonly to: bigint }
  | ({ readonly what: 'progress' } & Progress)
  | { readonly what: 'verified'; readonly report: ExportReport }
  | {
      readonly what: 'problem'
      readonly code: string
      readonly message: string
      readonly details: Readonly<Record<string, unknown>>
    }

export function ask(worker: Worker, asked: Asked): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin of its own
  worker.postMessage(asked)
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

let addressOf: (() => string) | undefined

/** The page's policy lets a script be loaded from an address that this alone may name: the one that the build wrote into the page. */
export function startWorker(): Worker {
  addressOf ??= workerAddress()
  return new Worker(addressOf(), { type: 'module' })
}

function workerAddress(): () => string {
  const address = document.documentElement.dataset.worker ?? ''
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('cairn-worker', { createScriptURL: () => address })
  return () => policy?.createScriptURL('') ?? address
}
