/** `/v1/export`: a range of blocks with all that an auditor needs, as a stream of the format `cairn.export/v1`. */
import { Readable } from 'node:stream'
import type { Chain } from '../../chain.ts'
import { EXPORTS_MAX, EXPORTS_OF_ADDRESS_MAX } from '../../limits.ts'
import { exportChain } from '../../pipeline/export-chain.ts'
import { CairnError } from '../../verify/error.ts'
import { numberIn } from '../keys-in-urls.ts'
import type { Route } from '../route.ts'
import { object, U64 } from '../schemas.ts'

export function exportRoutes(chain: Chain, directory: string): readonly Route[] {
  const exporting = new Exporting()
  return [
    {
      method: 'GET',
      path: '/v1/export',
      summary: 'A range of blocks with their seals, delegations and revocations, as one file',
      description:
        'A stream of the format cairn.export/v1, which `cairn verify` checks. It ends with a record that says that it is whole: one that was cut off on the way is told from it.',
      tag: 'proofs',
      scope: 'read',
      refusals: [404],
      query: object(
        {
          from: { ...U64, description: 'The height of the first block; 0 if left out.' },
          to: {
            ...U64,
            description: 'The height of the last one; the newest that has a seal in the journal if left out.',
          },
        },
        ['from', 'to'],
      ),
      answerType: 'application/vnd.cairn.export',
      answer: { type: 'string', format: 'binary' },
      handle: async (request, reply) => {
        const { from, to } = request.query as { readonly from?: string; readonly to?: string }
        const range = {
          ...(from !== undefined && { from: numberIn(from, 'from') }),
          ...(to !== undefined && { to: numberIn(to, 'to') }),
        }
        const leave = exporting.enter(request.ip)
        const { socket } = request.raw
        const progress = (): void => {
          // Else all of the journal is read for nobody, where the range lies at its end.
          if (socket.destroyed) throw new CairnError('malformed', 'Whoever asked for the export is gone.')
        }
        const pieces = exportChain(directory, range, { progress })
        // What is wrong with the range is told before the answer begins.
        const first = await pieces.next().catch((error: unknown) => {
          leave()
          throw error
        })
        const name = `${chain.genesis.name.replace(/[^\w.-]+/g, '-')}.cairn`
        void reply.type('application/vnd.cairn.export').header('cache-control', 'no-cache')
        void reply.header('content-disposition', `attachment; filename="${name}"`)
        return reply.send(Readable.from(rest(first, pieces), { objectMode: false }).once('close', leave))
      },
    },
  ]
}

async function* rest(
  first: IteratorResult<Uint8Array, unknown>,
  pieces: AsyncGenerator<Uint8Array, unknown>,
): AsyncGenerator<Uint8Array> {
  if (first.done) return
  yield first.value
  yield* pieces
}

/** Who is given an export: one takes the memory of many requests, and goes on for as long as it is read. */
class Exporting {
  private readonly those = new Set<{ readonly address: string }>()

  /** The answer is called when it is over, however it ends. */
  enter(address: string): () => void {
    const own = [...this.those].filter((each) => each.address === address).length
    if (own >= EXPORTS_OF_ADDRESS_MAX) {
      const message = 'Too many exports are made for this address: wait for their end.'
      throw new CairnError('too_many_requests', message, { limit: EXPORTS_OF_ADDRESS_MAX })
    }
    if (this.those.size >= EXPORTS_MAX) {
      const message = 'The server makes as many exports as it can: try again.'
      throw new CairnError('overloaded', message, { limit: EXPORTS_MAX })
    }
    const one = { address }
    this.those.add(one)
    return () => void this.those.delete(one)
  }
}
