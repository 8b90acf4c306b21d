/** `cairn demo`: what is told is what happened. */
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { requireBuild } from '../support/built.ts'
import { run } from '../support/cli.ts'
import { CAIRN } from './chain-folder.ts'

requireBuild()

it('shows receipts, proofs, a tampered copy that is caught at its block, and a crash that loses nothing', async () => {
  const { code, stdout, stderr } = await run([...CAIRN, 'demo'])
  expect([code, stderr]).toEqual([0, ''])
  const chapters = stdout.split(/^\d\. /m).slice(1)
  expect(chapters.length).toBe(7)
  const [, , offline = '', facts = '', tampered = '', crash = ''] = chapters
  expect(offline.match(/✓ Holds\.|✗ Does not hold: claims\[0\]\./g)).toHaveLength(2)
  expect(facts.match(/✓ Holds\./g)).toHaveLength(2)
  expect(tampered).toMatch(/✓ Holds\.\n.*✗ Does not hold: frames\.\n.*\.wal at byte \d+, block 2:/)
  expect(crash).toMatch(/acknowledged [\d,]+ orders/)
  expect(crash.match(/✓ Holds\./g)).toHaveLength(2)
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('cairn-demo-'))).toEqual([])
})
