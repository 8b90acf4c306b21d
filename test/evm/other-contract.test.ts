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
