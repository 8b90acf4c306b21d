/**
 * What `npm start` shows until there is a server: a proof that holds, the same proof with one byte changed, and the command to go
 * on with. It ends with an error if either does not come out as it should.
 */
import { readFileSync } from 'node:fs'
import { EXIT } from './exit.ts'
import { styleOf, widthOf, wrapped } from './terminal.ts'
import { asText, verifyText } from './verify.ts'

const FOLDER = 'examples/first-proof'
const style = styleOf(process.stdout)
const width = widthOf(process.stdout)

function example(name: string): string {
  return readFileSync(new URL(`../../${FOLDER}/${name}`, import.meta.url), 'utf8')
}

function say(paragraph: string, styled: (line: string) => string = (line) => line): void {
  process.stdout.write(`${wrapped(paragraph, width).map(styled).join('\n')}\n\n`)
}

/** The last byte of the command's reply, one more: what the exchange answered is no longer what it answered. */
function withOneByteChanged(text: string): { readonly changed: string; readonly from: string; readonly to: string } {
  const { reply } = (JSON.parse(text) as { claims: [{ command: { reply: string } }] }).claims[0].command
  const from = reply.slice(-2)
  const to = ((Number.parseInt(from, 16) + 1) % 256).toString(16).padStart(2, '0')
  return { changed: text.replace(`"reply": "${reply}"`, `"reply": "${reply.slice(0, -2)}${to}"`), from, to }
}

const chainId = example('chain-id.txt').trim()
const proof = example('proof.json')
const { changed, from, to } = withOneByteChanged(proof)
const [whole, broken] = [verifyText(proof, { chainId }), verifyText(changed, { chainId })]

say('Cairn: commands in, signed blocks out, and anyone can check.', style.strong)
say(
  `Below, a receipt of a small exchange is checked offline. Nothing is trusted but one number, the id of its chain: ${chainId}`,
)
process.stdout.write(`${asText(whole, style, width)}\n`)
say(`Now the same file with one byte of the reply changed, from 0x${from} to 0x${to}:`, style.strong)
process.stdout.write(`${asText(broken, style, width)}\n`)
say(
  'Only claims[0] fails: the block, its signature and the other facts are what they were. Change another byte yourself, and check:',
)
const command = [
  `node dist/cli/main.js verify ${FOLDER}/proof.json`,
  `--revocations ${FOLDER}/revocations.json`,
  `--head ${FOLDER}/head.json`,
  `--chain-id ${chainId}`,
]
process.stdout.write(`  ${command.join(' \\\n    ')}\n`)

if (!whole.verification.ok || broken.verification.ok) process.exitCode = EXIT.error
