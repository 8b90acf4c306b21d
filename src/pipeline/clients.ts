/**
 * The highest request of each client, as of the newest prepared block: what decides whether a command is executed (FORMAT §9).
 *
 * The truth is in the state; those that were asked for of late are kept beside it, because nearly every command asks.
 */
/** The request in what the state says of a client, `abi(request, seq)`: the end of the first word. */
export function requestIn(stated: Uint8Array | undefined): bigint {
  return stated === undefined ? 0n : new DataView(stated.buffer, stated.byteOffset).getBigUint64(24)
}

/** About 100 bytes each. */
const CLIENTS_KEPT = 65_536

export class Clients {
  private readonly kept = new Map<string, bigint>()

  /** The highest request of a client, 0 where it has none; `read` has the state's word. */
  highest(client: string, read: (client: string) => Uint8Array | undefined): bigint {
    const known = this.kept.get(client)
    if (known !== undefined) return known
    const highest = requestIn(read(client))
    this.keep(client, highest)
    return highest
  }

  /** The same for whoever sees less than the newest prepared block: what it reads is not kept. */
  glimpse(client: string, read: (client: string) => Uint8Array | undefined): bigint {
    return this.kept.get(client) ?? requestIn(read(client))
  }

  /** Of a block that was prepared and will be committed, or nothing will be. */
  keep(client: string, request: bigint): void {
    // Deleted and set again: the first of the map is the one that was not used for longest.
    this.kept.delete(client)
    this.kept.set(client, request)
    if (this.kept.size > CLIENTS_KEPT) this.kept.delete(this.kept.keys().next().value as string)
  }

  /** What was kept of blocks that were never committed. */
  forget(): void {
    this.kept.clear()
  }
}
