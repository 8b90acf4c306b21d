/**
 * A small service that keeps documents, with an audit log that anyone can check.
 *
 *     npm run example audit-log [DIRECTORY]
 */
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chain, developmentKeys, kv } from 'cairn-log'
import { toHex } from 'cairn-log/verify'
import fastify from 'fastify'
import { auditLog } from './audit-log.ts'

const directory = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'audit-log-'))
const [data, keys] = [join(directory, 'data'), join(directory, 'data.keys')]
const { genesis, signer } = await developmentKeys(keys, { name: 'audit-log', machine: kv.name })
const options = { machine: kv, signer, guard: join(keys, 'guard') }
const chain = existsSync(data) ? await Chain.open(data, options) : await Chain.create(data, genesis, options)

const documents = new Map<string, string>()
const app = fastify()
await app.register(auditLog, { chain, who: ({ headers }) => String(headers['x-user'] ?? 'nobody') })
app.get<{ Params: { name: string } }>('/documents/:name', async ({ params: { name } }, reply) => {
  const text = documents.get(name)
  return text === undefined ? reply.code(404).send({ error: 'there is no such document' }) : { text }
})
app.put<{ Params: { name: string }; Body: { text: string } }>('/documents/:name', async ({ params, body }, reply) => {
  documents.set(params.name, body.text)
  return reply.code(204).send()
})
app.delete<{ Params: { name: string } }>('/documents/:name', async ({ params: { name } }, reply) =>
  reply.code(documents.delete(name) ? 204 : 404).send(),
)

const address = await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT ?? 4280) })
console.log(`The chain is ${toHex(chain.id)}, in ${data}.
The service listens on ${address}. Try:

  curl -i -X PUT ${address}/documents/plan -H 'x-user: ada' -H 'content-type: application/json' -d '{"text":"first"}'
  curl ${address}/audit/0/proof -o proof.json
  npx cairn verify proof.json --chain-id ${toHex(chain.id)}
`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void app.close().then(() => chain.close())
  })
}
