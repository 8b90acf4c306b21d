/**
 * A signer in a process of its own, for test/keys/process-signer.test.ts: the directory of its marks, a file with its keys, and how it
 * misbehaves, if it does.
 */
import { readFileSync } from 'node:fs'
import { hotSigner } from '../../src/keys/hot-signer.ts'
import { serveSigner } from '../../src/keys/serve-signer.ts'
import { bytes32, json, list, object } from '../../src/verify/codec.ts'
import * as codecs from '../../src/verify/codecs.ts'
import { nobleEngine } from '../../src/verify/engine.ts'
import { readJson } from '../../src/verify/json.ts'

const [directory = '', file = '', how = ''] = process.argv.slice(2)
const keys = list(object({ privateKey: bytes32, delegation: codecs.delegation }), 64)
const signer = hotSigner(keys.decode(readJson(readFileSync(file)), json), nobleEngine)

if (how === 'deaf') process.stdin.resume()
else if (how === 'chatty') process.stdout.write('Listening on port 1234\n')
else if (how === 'brief') process.exit(7)
else {
  const io = { input: process.stdin, output: process.stdout }
  await serveSigner({ signer, directory, engine: nobleEngine, ...io }).catch(() => {
    process.exitCode = 1
  })
}
