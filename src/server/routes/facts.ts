/** Values of keys, and portable proofs of facts: `/v1/state`, `/v1/proof`. */
import { createHash } from 'node:crypto'
import type { Chain } from '../../chain.ts'
import { shown } from '../../machine/payload.ts'
import type { KeyAsked, ProofRequest } from '../../pipeline/prove.ts'
import { CLAIMS_MAX } from '../../verify/bounds.ts'
import { CairnError } from '../../verify/error.ts'
import { type TreeName, toHex } from '../../verify/index.ts'
import { keyIn, numberIn } from '../keys-in-urls.ts'
import { isKnown, KNOWN, mayChange, type Route } from '../route.ts'
import { KEY_TEXT, object, type Schema, U64, VALUE } from '../schemas.ts'

const many = (items: Schema): Schema => ({ oneOf: [items, { type: 'array', items, maxItems: CLAIMS_MAX }] })

interface Asked {
  readonly command?: string | readonly string[]
  readonly obligation?: string | readonly string[]
  readonly intent?: string | readonly string[]
  readonly state?: string | readonly string[]
  readonly risk?: string | readonly string[]
  readonly absent?: string | readonly string[]
  readonly key?: string | readonly string[]
  readonly since?: string
  readonly block?: string
}

export function factRoutes(chain: Chain): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/state/:tree/:key',
      summary: 'The value of a key, as of the newest block or of an older one',
      description: 'It says what this server says. To be shown it, ask for the proof: `/v1/proof?state=…`.',
      tag: 'proofs',
      scope: 'read',
      others: KNOWN,
      refusals: [404, 410],
      params: object({
        tree: { type: 'string', enum: ['state', 'risk'], description: 'In which of the two trees.' },
        key: KEY_TEXT,
      }),
      query: object({ height: { ...U64, description: 'As of which block; the newest if left out.' } }, ['height']),
      answer: VALUE,
      handle: (request, reply) => {
        const { tree, key: text } = request.params as { readonly tree: TreeName; readonly key: string }
        const { height } = request.query as { readonly height?: string }
        const key = keyIn(text)
        const at = height === undefined ? chain.head?.height : numberIn(height, 'height')
        const value = at === undefined ? undefined : chain.get(tree, key, { height: at })
        if (at === undefined || value === undefined) {
          throw new CairnError('key_absent', 'There is no such key in this tree at this height.', {
            tree,
            key: toHex(key),
          })
        }
        // Not the height alone: another chain may come to be served here, and has one as well.
        mayChange(reply, `${at}-${createHash('sha256').update(value).digest('base64url')}`)
        return isKnown(request, reply) ? undefined : { tree, key: shown(key), height: at, value: shown(value) }
      },
    },
    {
      method: 'GET',
      path: '/v1/proof',
      summary: 'A portable proof of facts, all under one block',
      refusals: [404, 409, 410, 413],
      description:
        'A text of the format cairn.proof/v1, which anyone checks who trusts the id of the chain: `cairn verify`, or cairn-log/verify.',
      tag: 'proofs',
      scope: 'read',
      query: object(
        {
          command: { ...many(U64), description: 'The places of commands.' },
          obligation: { ...many(U64), description: 'The indexes of obligations.' },
          intent: { ...many(U64), description: 'The indexes of intents.' },
          state: { ...many(KEY_TEXT), description: 'Keys of the state tree, with their values.' },
          risk: { ...many(KEY_TEXT), description: 'Keys of the risk tree, with their values.' },
          absent: { ...many(KEY_TEXT), description: 'Keys that are not in the state tree; risk:… in the other one.' },
          key: {
            ...many(KEY_TEXT),
            description:
              'Keys of the state tree with their values, or that they are not there; risk:… in the other one.',
          },
          since: { ...U64, description: 'The height that you accepted last: the proof leads on from it.' },
          block: { ...U64, description: 'As of which block; the newest if left out.' },
        },
        ['command', 'obligation', 'intent', 'state', 'risk', 'absent', 'key', 'since', 'block'],
      ),
      answer: { type: 'object', description: 'cairn.proof/v1' },
      isLarge: true,
      handle: async (request, reply) => {
        const text = await chain.prove(requestOf(request.query as Asked))
        void reply.header('cache-control', 'no-cache').type('application/json; charset=utf-8')
        return text
      },
    },
  ]
}

const RISK = 'risk:'

function requestOf(asked: Asked): ProofRequest {
  const { since, block } = asked
  const numbers = (name: 'command' | 'obligation' | 'intent'): readonly bigint[] =>
    listed(asked[name]).map((each) => numberIn(each, name))
  const inRisk = (text: string): KeyAsked => ({ tree: 'risk', key: keyIn(text) })
  const inEither = (text: string): KeyAsked => (text.startsWith(RISK) ? inRisk(text.slice(RISK.length)) : keyIn(text))
  return {
    command: numbers('command'),
    obligation: numbers('obligation'),
    intent: numbers('intent'),
    state: [...listed(asked.state).map(keyIn), ...listed(asked.risk).map(inRisk)],
    absent: listed(asked.absent).map(inEither),
    key: listed(asked.key).map(inEither),
    ...(since !== undefined && { since: numberIn(since, 'since') }),
    ...(block !== undefined && { height: numberIn(block, 'block') }),
  }
}

function listed(given: string | readonly string[] | undefined): readonly string[] {
  if (given === undefined) return []
  return typeof given === 'string' ? [given] : given
}
