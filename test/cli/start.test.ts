/** What `npm start` shows in the first minute: a proof that holds, the same with one byte changed, and a command that works. */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { requireBuild } from '../support/built.ts'
import { type Ended, makeFolder, run } from '../support/cli.ts'

requireBuild()
const folder = makeFolder()

describe('npm start', () => {
  let started: Ended
  let tables: readonly string[]
  beforeAll(async () => {
    started = await run([process.execPath, 'dist/cli/start.js'])
    tables = started.stdout.split('Now the same file with one byte of the reply changed')
  })

  it('ends well', () => expect(started).toMatchObject({ code: 0, stderr: '' }))

  it('first shows a proof that holds', () => {
    expect(tables).toHaveLength(2)
    expect(tables[0]).not.toContain('✗')
    expect(tables[0]).toContain('Holds: 10 checks ok, 2 not checked.')
  })

  it('then the same with one byte changed, of which claims[0] fails and nothing else', () => {
    expect(tables[1]).toMatch(/^, from 0x[0-9a-f]{2} to 0x[0-9a-f]{2}:$/m)
    expect(tables[1]?.match(/^ {2}✗ \S+/gm)).toEqual(['  ✗ claims[0]'])
    expect(tables[1]).toContain('Does not hold: 1 of 12 checks failed.')
  })

  it('says plainly that revocation was not checked', () => {
    for (const table of tables) expect(table).toContain('Revocation was NOT checked')
  })

  it('names the next command, which works as it is printed', async () => {
    const ended = await run(['sh', '-c', commandOf(started)])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toContain('Holds: 12 checks ok.\n')
    expect(ended.stdout).not.toContain('Not checked')
  })

  it('whoever changes another byte, as it says, sees another check fail', async () => {
    const changed = readFileSync('examples/first-proof/proof.json', 'utf8').replace('0x3132352e3530', '0x3932352e3530')
    const command = commandOf(started).replace('examples/first-proof/proof.json', folder.write('changed.json', changed))
    const ended = await run(['sh', '-c', command])
    expect(ended.code).toBe(3)
    expect(ended.stdout.match(/^ {2}✗ \S+/gm)).toEqual(['  ✗ claims[2]'])
  })
})

function commandOf({ stdout }: Ended): string {
  return stdout.slice(stdout.indexOf('  node dist'))
}
