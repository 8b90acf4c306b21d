/**
 * `cairn demo`: a narrated tour. Money moves on a ledger, a receipt is checked offline, a balance and the absence of an account are proved, a copy is tampered
 * with and caught at the right block, and a process is killed and loses nothing. All of it happens: nothing is shown that was not computed.
 */
import { spawn } from 'node:child_process'
import { closeSync, cpSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { verifyChain } from '../audit/audit.ts'
import { Chain } from '../chain.ts'
import { developmentKeys } from '../keys/development.ts'
import { ledger } from '../machine/index.ts'
import type { Receipt } from '../pipeline/receipt.ts'
import { fromUtf8, utf8 } from '../verify/bytes.ts'
import { toHex, type Verification, verifyProof } from '../verify/index.ts'
import { asAction } from './action.ts'
import { type Style, styleOf, widthOf, wrapped } from './terminal.ts'

export function asDemo(command: Command): Command {
  return command
    .description('A tour of half a minute: transfers, a receipt, proofs, a tampered copy, a crash.')
    .option('--no-pauses', 'without the pauses that leave time to read')
    .addHelpText('after', HELP)
    .action(
      asAction(async ({ pauses }: { readonly pauses: boolean }) => {
        const folder = mkdtempSync(join(tmpdir(), 'cairn-demo-'))
        try {
          await tour(new Narrator(pauses && process.stdout.isTTY), folder)
        } finally {
          rmSync(folder, { recursive: true, force: true })
        }
      }),
    )
}

const HELP = `
It makes its chains in a directory for temporary files, and takes them away again.

Exit codes: 0 all was shown; 1 something failed; 2 wrong usage

Examples:
  $ cairn demo
  $ cairn demo --no-pauses`

/** Milliseconds to read what was just said. */
const PAUSE = 2500

class Narrator {
  readonly style: Style = styleOf(process.stdout)
  private readonly hasPauses: boolean
  private step = 0

  constructor(hasPauses: boolean) {
    this.hasPauses = hasPauses
  }

  async chapter(title: string, text: string): Promise<void> {
    if (this.step > 0 && this.hasPauses) await sleep(PAUSE)
    this.step++
    process.stdout.write(`\n${this.style.strong(`${this.step}. ${title}`)}\n`)
    this.say(text)
  }

  say(text: string): void {
    for (const line of wrapped(text, widthOf(process.stdout) - 3)) process.stdout.write(`   ${line}\n`)
  }

  show(text: string): void {
    process.stdout.write(`     ${this.style.faint(text)}\n`)
  }

  verdict({ ok, verdicts }: Verification): void {
    const failed = verdicts.filter(({ verdict }) => verdict === 'fail').map(({ check }) => check)
    const text = ok ? 'Holds.' : `Does not hold: ${failed.join(', ')}.`
    process.stdout.write(`     ${ok ? this.style.good(`✓ ${text}`) : this.style.bad(`✗ ${text}`)}\n`)
  }
}

async function tour(tell: Narrator, folder: string): Promise<void> {
  const data = join(folder, 'ledger')
  const keys = `${data}.keys`
  const { genesis, signer } = await developmentKeys(keys, { name: 'demo-ledger', machine: ledger.name })
  const options = { machine: ledger, signer, guard: join(keys, 'guard') }
  const chain = await Chain.create(data, genesis, options)
  try {
    await tell.chapter(
      'A chain',
      `It runs the machine ${ledger.name}. Whoever wants to check it later needs one number, its id:`,
    )
    tell.show(toHex(chain.id))
    const receipt = await transfers(tell, chain)
    await offline(tell, chain, receipt)
    await facts(tell, chain)
  } finally {
    await chain.close()
  }
  await tampering(tell, data, chain.id)
  await crash(tell, join(folder, 'shop'))
  await tell.chapter('That was it', 'npm start serves a chain of your own; README.md goes on from there.')
}

/** The receipt of the transfer. */
async function transfers(tell: Narrator, chain: Chain): Promise<Receipt> {
  await tell.chapter(
    'Money moves',
    'Each command is answered when it is on the disk, executed once, and in a block that is sealed.',
  )
  const commands = [
    ['open', { id: 'o-1', account: 'alice', currency: 'EUR', limit: '0' }],
    ['open', { id: 'o-2', account: 'bob', currency: 'EUR', limit: '0' }],
    ['deposit', { id: 'd-1', account: 'alice', currency: 'EUR', amount: '10000' }],
    ['transfer', { id: 't-1', from: 'alice', to: 'bob', currency: 'EUR', amount: '2500' }],
    ['transfer', { id: 't-2', from: 'bob', to: 'alice', currency: 'EUR', amount: '9900' }],
  ] as const
  let transfer: Receipt | undefined
  for (const [type, payload] of commands) {
    const receipt = await chain.submit({ type, payload: utf8(JSON.stringify(payload)) })
    const outcome = receipt.status === 0 ? 'accepted' : 'rejected'
    tell.show(`block ${receipt.block.height}  ${type} ${payload.id}  ${outcome}  ${fromUtf8(receipt.reply)}`)
    if (payload.id === 't-1') transfer = receipt
  }
  tell.say('The last one was rejected: nobody overdraws. That is in the chain, too.')
  return transfer as Receipt
}

async function offline(tell: Narrator, chain: Chain, receipt: Receipt): Promise<void> {
  await tell.chapter(
    'A receipt, checked offline',
    'Bob takes the proof of his 25 euros home, and checks it with nothing but the id of the chain.',
  )
  const proof = await receipt.proof()
  const trust = { chainId: chain.id }
  tell.show(`a proof of ${proof.length} bytes`)
  tell.verdict(verifyProof(proof, trust))
  const reply = toHex(receipt.reply)
  tell.say('The same proof with one byte of the reply changed:')
  tell.verdict(verifyProof(proof.replace(reply, `${reply.slice(0, -2)}7e`), trust))
}

async function facts(tell: Narrator, chain: Chain): Promise<void> {
  await tell.chapter(
    'A balance, and an account that does not exist',
    'Both are proved: what is in the state, and what is not.',
  )
  const [balance, nobody] = [utf8('account/EUR/bob'), utf8('account/EUR/mallory')]
  tell.show(`account/EUR/bob = ${fromUtf8(chain.get('state', balance) ?? new Uint8Array(0))}`)
  tell.verdict(verifyProof(await chain.prove({ state: [balance] }), { chainId: chain.id }))
  tell.show('account/EUR/mallory: absent')
  tell.verdict(verifyProof(await chain.prove({ absent: [nobody] }), { chainId: chain.id }))
}

/** One digit of one block of a copy is changed: a reading finds where. */
async function tampering(tell: Narrator, data: string, chainId: Uint8Array): Promise<void> {
  await tell.chapter(
    'A copy is tampered with',
    'An auditor reads the whole chain, every signature and every root. Then somebody changes one digit of block 2, on the disk.',
  )
  tell.verdict(await verifyChain(data, { chainId }))
  const copy = `${data}-copy`
  cpSync(data, copy, { recursive: true })
  const journal = join(copy, 'journal')
  const name = readdirSync(journal).find((each) => each.endsWith('.wal')) ?? ''
  changeOneByte(join(journal, name), '"amount":"10000"', '"amount":"90000"')
  const { fault, ...found } = await verifyChain(copy, { chainId })
  tell.verdict(found)
  tell.show(`${fault?.file} at byte ${fault?.offset}, block ${fault?.height}: ${fault?.reason}`)
}

function changeOneByte(path: string, from: string, to: string): void {
  const file = openSync(path, 'r+')
  const bytes = Buffer.alloc(1 << 16)
  readSync(file, bytes, 0, bytes.length, 0)
  writeSync(file, to, bytes.indexOf(from))
  closeSync(file)
}

/** A process of its own takes orders as fast as they come, and is killed in the middle. */
async function crash(tell: Narrator, shop: string): Promise<void> {
  await tell.chapter(
    'A crash',
    'A process takes orders as fast as they come, and is killed with -9 in the middle of it. Then it is started again.',
  )
  const cli = [process.argv[1] ?? '']
  await ended(spawn(process.execPath, [...cli, 'init', shop], { stdio: 'ignore' }))
  const child = spawn(process.execPath, [...cli, 'append', shop, '--type', 'append'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.stdin.on('error', () => undefined)
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  for (let order = 0; order < 20_000; order++) child.stdin.write(`{"stream":"orders","entry":"${order}"}\n`)
  while (said.split('\n').length < 2000 && child.exitCode === null) await sleep(5)
  child.kill('SIGKILL')
  await ended(child)
  const acknowledged = [...said.matchAll(/seq (\d+) {2}accepted/g)].map(([, seq]) => Number(seq))
  const newest = acknowledged.at(-1) ?? -1
  tell.show(
    `killed after it had acknowledged ${acknowledged.length.toLocaleString('en')} orders, the last with seq ${newest}`,
  )
  const proof = await text([...cli, 'prove', shop, '--command', String(newest)])
  tell.say('Started again, it proves the last order that it had acknowledged before it died:')
  const chainId = (await text([...cli, 'id', shop])).trim()
  tell.verdict(verifyProof(proof, { chainId }))
  tell.say('And the whole chain, read by an auditor:')
  tell.verdict(await verifyChain(shop, { chainId }))
}

type Process = ReturnType<typeof spawn>

function ended(child: Process): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', () => resolve())
  })
}

async function text(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    said += piece
  })
  await ended(child)
  return said
}
