/** `/v1/blocks`: what is in a finished block never changes, so readers and CDNs may keep it; its seal may be followed by another one. */
import type { Chain } from '../../chain.ts'
import { PAGE_MAX } from '../../limits.ts'
import type { FeedHeader } from '../../pipeline/feed.ts'
import { json } from '../../verify/codec.ts'
import * as codecs from '../../verify/codecs.ts'
import { CairnError } from '../../verify/error.ts'
import { blockHash, identify, nobleEngine, toHex } from '../../verify/index.ts'
import { type BlockRecord, chainRecord } from '../../verify/records.ts'
import { numberIn } from '../keys-in-urls.ts'
import { isKnown, KNOWN, mayChange, neverChanges, type Route } from '../route.ts'
import { BLOCK, BLOCK_SUMMARY, listOf, object, type Schema, SEAL, U64 } from '../schemas.ts'

const HEIGHT: Schema = { ...U64, description: 'The height of the block.' }

export function blockRoutes(chain: Chain, isPrivate: boolean): readonly Route[] {
  const identity = identify(chain.genesis, nobleEngine.hasher)
  const hashOf = ({ header }: BlockRecord): Uint8Array => blockHash(identity, header, nobleEngine.hasher)
  return [
    {
      method: 'GET',
      path: '/v1/blocks',
      summary: 'Headers and roots of blocks, in order',
      description: 'A page of them; `next` is where the one after it begins, or null after the newest block.',
      tag: 'chain',
      scope: 'read',
      query: {
        ...object(
          {
            from: { ...U64, description: 'The height of the first one; 0 if left out.' },
            limit: {
              type: 'string',
              pattern: '^[1-9][0-9]{0,2}$',
              description: `How many, at most ${PAGE_MAX}; 64 if left out.`,
            },
          },
          ['from', 'limit'],
        ),
      },
      answer: object({ blocks: listOf(BLOCK_SUMMARY), next: { oneOf: [U64, { type: 'null' }] } }),
      handle: async (request, reply) => {
        const { from = '0', limit = '64' } = request.query as { readonly from?: string; readonly limit?: string }
        const first = numberIn(from, 'from')
        const count = Math.min(Number(limit), PAGE_MAX)
        void reply.header('cache-control', 'no-cache')
        const blocks: unknown[] = []
        const { head } = chain
        if (head !== undefined && first <= head.height) {
          for await (const block of chain.headers({ from: first })) {
            blocks.push(summaryOf(block))
            if (blocks.length === count) break
          }
        }
        const next = first + BigInt(blocks.length)
        return { blocks, next: head !== undefined && next <= head.height ? next : null }
      },
    },
    {
      method: 'GET',
      path: '/v1/blocks/:height',
      summary: 'A block: its header, roots, commands and all that they caused',
      description: 'It never changes: keep it.',
      others: KNOWN,
      refusals: [404, 413],
      tag: 'chain',
      scope: 'read',
      params: object({ height: HEIGHT }),
      answer: BLOCK,
      isLarge: true,
      handle: async (request, reply) => {
        const record = await recordOf(chain, request.params)
        const hash = hashOf(record)
        neverChanges(reply, toHex(hash), isPrivate)
        if (isKnown(request, reply)) return undefined
        const { k: _, v: __, ...members } = chainRecord.encode(record, json) as Record<string, unknown>
        return { blockHash: hash, ...members }
      },
    },
    {
      method: 'GET',
      path: '/v1/blocks/:height/seal',
      summary: 'The newest seal of a block',
      others: KNOWN,
      refusals: [404],
      description:
        'A block may be sealed again by a later key, and a block without a seal of its own is covered by one above it: then the answer is 404.',
      tag: 'chain',
      scope: 'read',
      params: object({ height: HEIGHT }),
      answer: SEAL,
      handle: async (request, reply) => {
        const { seal } = await chain.block(heightIn(request.params))
        if (seal === undefined)
          throw new CairnError('not_found', 'The block has no seal of its own: a later one covers it.')
        // One key may sign a block twice, under two delegations of it.
        mayChange(reply, `${seal.delegation.index}-${toHex(seal.signature).slice(0, 34)}`)
        return isKnown(request, reply) ? undefined : codecs.seal.encode(seal, json)
      },
    },
  ]
}

/** Numbers and bytes as in FORMAT: JSON as it stands. */
export function summaryOf({ hash, header, roots }: FeedHeader): Record<string, unknown> {
  return {
    blockHash: toHex(hash),
    header: codecs.header.encode(header, json),
    roots: codecs.roots.encode(roots, json),
  }
}

function heightIn(params: unknown): bigint {
  return numberIn((params as { readonly height: string }).height, 'height')
}

async function recordOf(chain: Chain, params: unknown): Promise<BlockRecord> {
  return (await chain.block(heightIn(params))).record
}
