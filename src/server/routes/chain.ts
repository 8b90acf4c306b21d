/** What the chain is, where it stands, and whose word counts: `/v1/chain`, `/v1/genesis`, `/v1/head`, `/v1/delegations`, `/v1/revocations`. */
import type { Chain } from '../../chain.ts'
import { json } from '../../verify/codec.ts'
import * as codecs from '../../verify/codecs.ts'
import { CairnError } from '../../verify/error.ts'
import { toHex } from '../../verify/index.ts'
import type { EvmRpc } from '../evm-rpc.ts'
import { reasonOf } from '../health.ts'
import { isKnown, KNOWN, mayChange, type Route } from '../route.ts'
import { CHAIN, DELEGATION, GENESIS, listOf, REVOCATION, SEALED_SUMMARY } from '../schemas.ts'
import { summaryOf } from './blocks.ts'

export function chainRoutes(chain: Chain, evmRpc?: EvmRpc): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/chain',
      summary: 'The chain: its id, its machine, its newest block',
      description:
        'What this server says of it. Trust the id that you have from elsewhere, and verify proofs against it.',
      tag: 'chain',
      scope: 'read',
      answer: CHAIN,
      handle: (_, reply) => {
        void reply.header('cache-control', 'no-cache')
        const { head, readOnly, genesis } = chain
        return {
          chainId: chain.id,
          name: genesis.name,
          machine: chain.machine,
          head:
            head === undefined ? null : { height: head.height, blockHash: head.hash, timestamp: head.header.timestamp },
          commands: head === undefined ? 0n : head.header.firstSeq + head.header.commandCount,
          readOnly: readOnly === undefined ? null : reasonOf(readOnly),
          ...(evmRpc && { evmRpc: evmRpc.url }),
        }
      },
    },
    {
      method: 'GET',
      path: '/v1/genesis',
      summary: 'The genesis, of which the chain’s id is the hash',
      description: 'Whoever trusts the id can check it.',
      others: KNOWN,
      tag: 'chain',
      scope: 'read',
      answer: GENESIS,
      handle: (request, reply) => {
        mayChange(reply, toHex(chain.id))
        return isKnown(request, reply) ? undefined : codecs.genesis.encode(chain.genesis, json)
      },
    },
    {
      method: 'GET',
      path: '/v1/head',
      summary: 'The newest block that was acknowledged, with its seal',
      description: 'To be told of each new one listen to `/v1/stream`.',
      others: KNOWN,
      refusals: [404],
      tag: 'chain',
      scope: 'read',
      answer: SEALED_SUMMARY,
      handle: async (request, reply) => {
        const { head } = chain
        if (head === undefined) throw new CairnError('not_found', 'The chain has no block yet.')
        const { record, seal } = await chain.block(head.height)
        // A rotation seals the same block again.
        mayChange(reply, `${toHex(head.hash)}-${seal?.delegation.index ?? 'unsealed'}`)
        if (isKnown(request, reply)) return undefined
        return {
          ...summaryOf({ hash: head.hash, header: record.header, roots: record.roots }),
          ...(seal && { seal: codecs.seal.encode(seal, json) }),
        }
      },
    },
    {
      method: 'GET',
      path: '/v1/delegations',
      summary: 'All that the cold key delegated, as far as the chain has seen it',
      description: 'The cold key signed each of them.',
      tag: 'chain',
      scope: 'read',
      answer: listOf(DELEGATION),
      handle: (_, reply) => {
        void reply.header('cache-control', 'no-cache')
        return chain.authority.delegations.map((each) => codecs.delegation.encode(each, json))
      },
    },
    {
      method: 'GET',
      path: '/v1/revocations',
      summary: 'All that the cold key took back: a file of revocations for verifiers',
      description: 'Who verifies should have them from another source as well: a prover may leave one out.',
      tag: 'chain',
      scope: 'read',
      answer: listOf(REVOCATION),
      handle: (_, reply) => {
        void reply.header('cache-control', 'no-cache')
        return codecs.revocations.encode(chain.authority.revocations, json)
      },
    },
  ]
}
