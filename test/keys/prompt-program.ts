/** A program that asks at its terminal and prints the answer, for test/keys/passphrase.test.ts. */
import { askPassphrase, openTerminal } from '../../src/keys/prompt.ts'

try {
  const terminal = openTerminal()
  const answer = await askPassphrase(terminal, { of: 'the test', isNew: true })
  process.stdout.write(`${new TextDecoder().decode(answer)}\n`)
  terminal.close()
} catch (error) {
  process.stdout.write(`${(error as { code: string }).code}\n`)
}
