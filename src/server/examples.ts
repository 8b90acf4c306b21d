/**
 * What the OpenAPI document shows of each operation, by its name: all of it of one chain of one block, as a server answered. A test looks that they are
 * as the schemas say.
 */

const GENESIS = {
  name: 'test',
  coldKey: '0xff6cd7eceb4033a9eed185525ad5c0a61b5a34a5',
  machine: 'kv@1',
  createdAt: '1763600000000',
  nonce: '0x8717c1cca5730090ed7f96521e286f8afd04520a8c8276306dd9f2f3b8adb142',
}

const DELEGATION = {
  delegate: '0x80a2311462946dae042e237f4abccd63f416c9dc',
  index: '0',
  validFrom: '1763600000000',
  validUntil: '4919360000000',
  signature:
    '0xb0673f63b7039b134b0b1bc25fe647882aa6166f5af576273a4e3c2ad58cbe5a43cb653a7f78706eaaebad42ca91c1ed50ab2ef54f908817a71c37e5756467951b',
}

const SEAL = {
  delegation: DELEGATION,
  signature:
    '0x7dad447f2080eeef12e6625e6c85837020338b2082330fd331d5106509fb50da56e2cb89a07a2f5f34dae2e22de01d01cf15ace99ed9b7789095e786609a045f1c',
}

const HEADER = {
  height: '0',
  epoch: '1',
  parentHash: '0x0000000000000000000000000000000000000000000000000000000000000000',
  commandsHash: '0x0932e07298498574ad43d2bfa81d789cd76db69df610641c1f8008e9ee391456',
  batchRoot: '0xdcff5e94203fc25a37395a640586fd775d22170bb9f4b29282c911db483fe09f',
  commandCount: '1',
  firstSeq: '0',
  timestamp: '1795219998329',
}

const ROOTS = {
  state: '0xdda321ece7eeeb251a722b791ddfd00675a5b7555bec3a2396cd423ada8dcdf6',
  risk: '0x5350415253455f4d45524b4c455f504c414345484f4c4445525f484153485f5f',
  commands: {
    size: '1',
    root: '0xae1b0c3498ea56d6b506df569bdb565a691925713b79f3005c10a17c2bcfadd4',
  },
  obligations: {
    size: '0',
    root: '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  },
  intents: {
    size: '0',
    root: '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
  },
  history: '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
}

const HASH = '0xeb8797b4e7bc56abf1395ee9e3ca50beaf098e57fedd75f7240984d5dade13f6'

const COMMAND = {
  seq: '0',
  client: 'desk-7',
  request: '1',
  type: 'put',
  payload: '0x7b226b6579223a226772656574696e67222c2276616c7565223a2268656c6c6f227d',
  salt: '0xde37a110f3b1533cedfd775a94e4d2b88c245b56c5cfef508e8385908cbd4f69',
  receivedAt: '1795219998328',
  status: 0,
  reply: '0x7b227265706c61636564223a66616c73657d',
}

const RECEIPT = {
  height: '0',
  blockHash: '0xeb8797b4e7bc56abf1395ee9e3ca50beaf098e57fedd75f7240984d5dade13f6',
  timestamp: '1795219998329',
  seq: '0',
  client: 'desk-7',
  request: '1',
  status: 0,
  reply: '{"replaced":false}',
}

const BLOCK = { blockHash: HASH, header: HEADER, roots: ROOTS }

const PROOF = {
  format: 'cairn.proof/v1',
  genesis: GENESIS,
  block: HEADER,
  roots: ROOTS,
  seal: SEAL,
  revocations: [],
  claims: [
    { kind: 'command', index: '0', command: { ...COMMAND, obligationSize: '0', intentSize: '0' }, path: [] },
    {
      kind: 'state',
      tree: 'state',
      key: '0x6772656574696e67',
      value: '0x68656c6c6f',
      siblings: [
        '0xaefd788cad7c5e6e6788bd1260f64e6234079e46dbbaf5117e3bab2bfb5cfcc5',
        '0x9e84bec91e12465f6f21f9e7f04a17489583aa313ac21884282fcdbe7fd6dbf3',
      ],
    },
  ],
}

const HEALTH = { live: true, ready: true, reasons: [], height: '0', delegationEnds: DELEGATION.validUntil }

export interface Example {
  readonly body?: unknown
  readonly answer?: unknown
  /** Of the same content under another status. */
  readonly others?: Readonly<Record<number, unknown>>
}

export const EXAMPLES: Readonly<Record<string, Example>> = {
  postCommands: {
    body: { client: 'desk-7', request: '1', type: 'put', payload: { key: 'greeting', value: 'hello' } },
    answer: RECEIPT,
  },
  getCommands: { answer: RECEIPT },
  getCommandsSeq: { answer: RECEIPT },
  getChain: {
    answer: {
      chainId: '0x54004bd9f97324a2ad05b1c390c406a73bd28a3e172d596821ec022ad5ebb304',
      name: GENESIS.name,
      machine: GENESIS.machine,
      head: { height: HEADER.height, blockHash: HASH, timestamp: HEADER.timestamp },
      commands: '1',
      readOnly: null,
    },
  },
  getGenesis: { answer: GENESIS },
  getHead: { answer: { ...BLOCK, seal: SEAL } },
  getDelegations: { answer: [DELEGATION] },
  getRevocations: { answer: [] },
  getBlocks: { answer: { blocks: [BLOCK], next: null } },
  getBlocksHeight: {
    answer: {
      ...BLOCK,
      commands: [
        { ...COMMAND, obligations: [], intents: [], writes: [['state', '0x6772656574696e67', '0x68656c6c6f']] },
      ],
      notes: [],
      authority: [{ k: 'delegation', ...DELEGATION }],
    },
  },
  getBlocksHeightSeal: { answer: SEAL },
  getStateTreeKey: { answer: { tree: 'state', key: 'greeting', height: '0', value: 'hello' } },
  getProof: { answer: PROOF },
  getStream: { answer: `id: 0\nevent: block\ndata: ${JSON.stringify({ ...BLOCK, seal: SEAL })}\n\n` },
  getHealth: {
    answer: HEALTH,
    others: {
      503: { ...HEALTH, ready: false, reasons: [{ code: 'draining', message: 'The server is being stopped.' }] },
    },
  },
  getMetrics: {
    answer: '# HELP cairn_ready 1 where the chain takes commands.\n# TYPE cairn_ready gauge\ncairn_ready 1\n',
  },
}
