/** The commands of the program that is killed, and what it prints of each that was acknowledged: the same in the program and its judge. */
import type { Receipt, Submission } from '../../src/index.ts'
import { toHex, utf8 } from '../../src/verify/bytes.ts'

export const CLIENTS = 16

/** The command of this client and number, the same whenever it is asked for. */
export function commandOf(client: string, request: bigint): Submission & { client: string; request: bigint } {
  const entry = `${client}-${request}`
  const payload =
    request % 3n === 0n
      ? { key: `k${request % 50n}`, value: entry.repeat(1 + Number(request % 40n)) }
      : { stream: client, entry }
  return { client, request, type: request % 3n === 0n ? 'put' : 'append', payload: utf8(JSON.stringify(payload)) }
}

/** One of those that fill a small file of the journal with a dozen. */
export function longCommandOf(client: string, request: bigint): Submission & { client: string; request: bigint } {
  const payload = { key: `k${request % 5n}`, value: `${client}-${request} `.repeat(800) }
  return { client, request, type: 'put', payload: utf8(JSON.stringify(payload)) }
}

export function lineOf({ client, request, seq, block, status, reply }: Receipt): string {
  const { height, hash, timestamp } = block
  return [client, request, seq, height, toHex(hash), timestamp, status, toHex(reply)].join(' ')
}

/** The number from which a life's requests of each client go on. */
export function firstRequest(life: number): bigint {
  return BigInt(life) * 1_000_000n + 1n
}
