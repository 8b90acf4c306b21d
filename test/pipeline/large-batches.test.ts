/** Batches whose commands write more than a block can hold, though they are small themselves. */
import { describe, expect, it } from 'vitest'
import { defineMachine } from '../../src/index.ts'
import { utf8 } from '../../src/verify/bytes.ts'
import { World } from '../simulation/world.ts'
import { chainKeys } from '../support/chain-keys.ts'
import { createIn } from '../support/sim-chain.ts'

const COMMANDS = 64
const BYTES = 16 << 10

describe('a batch that is larger than a block', () => {
  it('is executed as far as one block holds it, and no further', async () => {
    const keys = chainKeys('fill@1')
    let [last, inOneGo, widest] = [-1n, 0, 0]
    const fill = defineMachine<{ fill: Uint8Array }>({
      id: 'fill',
      version: 1,
      commands: {
        fill: {
          validate: (payload: Uint8Array) => payload,
          execute: ({ seq }, tx) => {
            inOneGo = seq > last ? inOneGo + 1 : 1
            last = seq
            widest = Math.max(widest, inOneGo)
            tx.put('state', utf8(`${seq}`), new Uint8Array(BYTES).fill(1))
            return undefined
          },
        },
      },
    })
    const chain = await createIn(new World(), keys, { machine: fill })
    const receipts = await chain.submitMany(
      Array.from({ length: COMMANDS }, (_, i) => {
        return { client: 'a', request: BigInt(i + 1), type: 'fill', payload: new Uint8Array(0) }
      }),
    )
    expect(receipts.map((each) => ('seq' in each ? each.seq : each.code))).toEqual(receipts.map((_, i) => BigInt(i)))
    // A file of 64 KiB holds three of them, and the fourth shows that it holds no more.
    expect(chain.head?.height).toBeGreaterThanOrEqual(BigInt(COMMANDS >> 2))
    expect(widest).toBeLessThanOrEqual(8)
    await chain.close()
  })
})
