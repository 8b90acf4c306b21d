/** What a caller is told of a command whose earlier attempts were lost: never that nothing happened, where it may have. */
import { describe, expect, it } from 'vitest'
import { CairnClient } from '../../src/client/index.ts'
import { Outbox } from '../../src/client/outbox.ts'
import { CairnError } from '../../src/verify/error.ts'

const lost = () => new CairnError('server_unreachable', 'Lost.')
const failed = () => new CairnError('chain_failed', 'It failed.', { status: 503 })
const refused = (status: number) => new CairnError('refused', 'No.', { status })

/** Sends by what a test says for each attempt; the codes and receipts that the callers got. */
async function told(
  commands: number,
  ...attempts: readonly (CairnError | readonly unknown[])[]
): Promise<readonly string[]> {
  let next = 0
  const outbox = new Outbox<number>({
    send: () => {
      const answer = attempts[Math.min(next++, attempts.length - 1)]
      return answer instanceof CairnError ? Promise.reject(answer) : Promise.resolve(answer as readonly unknown[])
    },
    batchMax: 10,
    batchCostMax: 10,
    costOf: () => 1,
    waitingMax: 10,
    retries: 2,
    pause: 1,
  })
  const sent = Array.from({ length: commands }, (_, i) => outbox.put(i, undefined))
  return Promise.all(sent.map((each) => each.then(String, (error: unknown) => (error as CairnError).code)))
}

describe('a command', () => {
  it('that was refused each time is told why', async () => {
    expect(await told(1, failed())).toEqual(['chain_failed'])
    expect(await told(1, refused(401))).toEqual(['refused'])
    expect(await told(1, failed(), refused(413))).toEqual(['refused'])
  })

  it('whose answer was lost is not told that nothing happened, whatever is said later', async () => {
    expect(await told(1, lost(), failed())).toEqual(['outcome_unknown'])
    expect(await told(2, failed(), lost(), failed())).toEqual(['outcome_unknown', 'outcome_unknown'])
    for (const status of [401, 403, 404, 413, 429]) {
      expect([status, await told(1, lost(), refused(status))]).toEqual([status, ['outcome_unknown']])
    }
    expect(await told(1, new CairnError('too_slow', 'Slow.'), failed())).toEqual(['outcome_unknown'])
    expect(await told(1, lost())).toEqual(['server_unreachable'])
  })

  it('over which the server broke is not told that nothing happened', async () => {
    const broken = (): CairnError => new CairnError('store_damaged', 'See the log of the server.', { status: 500 })
    expect(await told(1, broken())).toEqual(['outcome_unknown'])
    expect(await told(2, failed(), broken())).toEqual(['outcome_unknown', 'outcome_unknown'])
    expect(await told(1, broken(), ['receipt'])).toEqual(['receipt'])
  })

  it('whose outcome is not known lets none behind it go, though the server answered', async () => {
    const answers = [new CairnError('outcome_unknown', 'It broke.'), 'receipt']
    const send = (): Promise<readonly unknown[]> => Promise.resolve([answers.shift()])
    const bounds = { batchMax: 1, batchCostMax: 10, costOf: () => 1, waitingMax: 10, retries: 2, pause: 1 }
    const outbox = new Outbox<number>({ send, ...bounds })
    const sent = [outbox.put(1, undefined), outbox.put(2, undefined)]
    expect(await Promise.allSettled(sent)).toMatchObject([
      { reason: { code: 'outcome_unknown' } },
      { reason: { code: 'not_sent' } },
    ])
    expect(answers).toEqual(['receipt'])
  })

  it('is told what is wrong with it also then, and its receipt where there is one', async () => {
    expect(await told(1, lost(), refused(422))).toEqual(['refused'])
    expect(await told(1, lost(), failed(), ['receipt'])).toEqual(['receipt'])
  })

  it('that was sent with a malformed one is not forgotten to have been sent before', async () => {
    expect(await told(2, lost(), refused(400), ['receipt'], failed())).toEqual(['receipt', 'outcome_unknown'])
    expect(await told(2, lost(), refused(400), failed())).toEqual(['outcome_unknown', 'not_sent'])
    expect(await told(2, refused(400), ['receipt'], failed())).toEqual(['receipt', 'chain_failed'])
  })

  it('beside one that happened is not told that nothing did', async () => {
    const problem = { problem: { type: 'about:blank', code: 'chain_failed', title: 'It failed.', status: 503 } }
    const block = { height: '0', blockHash: `0x${'22'.repeat(32)}`, timestamp: '1' }
    const receipt = { ...block, seq: '0', client: 'a', request: '1', status: 0, reply: { hex: '0x' } }
    const codesOf = async (receipts: readonly unknown[]): Promise<readonly string[]> => {
      const client = new CairnClient({
        url: 'http://127.0.0.1:1',
        chainId: `0x${'11'.repeat(32)}`,
        client: 'a',
        verify: false,
        retries: 0,
        fetch: () => Promise.resolve(new Response(JSON.stringify({ receipts }), { status: 200 })),
      })
      const commands = receipts.map(() => client.submit({ type: 'put', payload: {} }))
      return Promise.all(
        commands.map((each) =>
          each.then(
            () => 'receipt',
            (error: unknown) => (error as CairnError).code,
          ),
        ),
      )
    }
    expect(await codesOf([problem, problem])).toEqual(['chain_failed', 'chain_failed'])
    expect(await codesOf([receipt, problem])).toEqual(['outcome_unknown', 'outcome_unknown'])
  })
})
