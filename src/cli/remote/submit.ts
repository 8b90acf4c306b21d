/** Commands to a server, each under a number: what is lost on the way is sent again, and nothing is executed twice. */
import { randomBytes } from 'node:crypto'
import type { CairnClient, ClientReceipt } from '../../client/index.ts'
import type { ReceiptSaid } from '../../server/receipt-text.ts'
import { CairnError } from '../../verify/index.ts'
import type { Taking } from '../append-all.ts'
import { shellWord } from '../place.ts'

/** A name that no other process has, for whoever gives none. */
export function nameless(): string {
  return `cli-${randomBytes(10).toString('hex')}`
}

export function takingOf(client: CairnClient): Taking {
  return {
    async submit({ type, payload, request }): Promise<ReceiptSaid> {
      try {
        return said(await client.submit({ type, payload, ...(request !== undefined && { request }) }))
      } catch (error) {
        throw withItsNumber(error)
      }
    },
  }
}

function said({ height, blockHash, timestamp, ...receipt }: ClientReceipt): ReceiptSaid {
  return { ...receipt, block: { height, hash: blockHash, timestamp } }
}

const UNKNOWN: ReadonlySet<string> = new Set(['outcome_unknown', 'server_unreachable'])

/** Of a command whose outcome is not known: under which name and number it may be sent again. */
function withItsNumber(error: unknown): unknown {
  if (!(error instanceof CairnError) || !UNKNOWN.has(error.code)) return error
  const { client, request } = error.details
  if (typeof client !== 'string' || typeof request !== 'bigint') return error
  const again = `Whether it was executed is told when it is sent again: --client ${shellWord(client)} --request ${request}.`
  return new CairnError(error.code, `${error.message} ${again}`, error.details)
}
