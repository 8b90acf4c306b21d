/** Another contract in the place of a light client is told as one, whatever it answers. */
import { createPublicClient, custom, type Hex, RpcRequestError, toFunctionSelector } from 'viem'
import { expect, it } from 'vitest'
import { ContractClient } from '../../src/evm/light-client.ts'

const CHAIN_ID = toFunctionSelector('function chainId()')

it('one that has a chainId(), as many do, is no light client', async () => {
  const rpc = createPublicClient({
    transport: custom(
      {
        async request({ method, params }: { method: string; params: readonly [{ readonly data: Hex }] }) {
          if (method === 'eth_getCode') return '0x60'
          const { data } = params[0]
          if (data === CHAIN_ID) return `0x${'7a69'.padStart(64, '0')}`
          throw new RpcRequestError({
            body: { method },
            error: { code: 3, message: 'execution reverted', data: '0x' },
            url: 'http://127.0.0.1',
          })
        },
      },
      { retryCount: 0 },
    ),
  })
  const client = new ContractClient(rpc, `0x${'77'.repeat(20)}`)
  await expect(client.chainId()).rejects.toMatchObject({ code: 'no_contract' })
})

it.each([
  ['an empty one to whatever it is asked, as of a fallback', '0x'],
  ['one number, as of a status() of its own', `0x${'02'.padStart(64, '0')}`],
  ['text in the place of it', `0x${'ff'.repeat(160)}`],
])('one whose answer is %s, is no light client', async (_, answer) => {
  const request = ({ method }: { method: string }): Promise<unknown> =>
    Promise.resolve(method === 'eth_getCode' ? '0x60' : answer)
  const rpc = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) })
  const client = new ContractClient(rpc, `0x${'77'.repeat(20)}`)
  await expect(client.chainId()).rejects.toMatchObject({ code: 'no_contract' })
  await expect(client.standing()).rejects.toMatchObject({ code: 'no_contract' })
})

it('a node that does not answer says nothing of the contract', async () => {
  const request = (): Promise<unknown> => Promise.reject(new Error('no route to host'))
  const rpc = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) })
  await expect(new ContractClient(rpc, `0x${'77'.repeat(20)}`).chainId()).rejects.toMatchObject({ code: 'rpc_failed' })
})
