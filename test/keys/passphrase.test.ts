/** Passphrases: from files, descriptors and terminals, and from nothing that others may read. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { passphraseFromDescriptor, passphraseFromFile } from '../../src/keys/passphrase.ts'
import { askPassphrase, type Terminal } from '../../src/keys/prompt.ts'
import { fromUtf8 } from '../../src/verify/bytes.ts'
import { bundled } from '../support/bundled.ts'
import { refused, textOf } from './refused.ts'

const folder = mkdtempSync(join(tmpdir(), 'cairn-passphrase-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(content: string | Uint8Array, mode = 0o600): string {
  const path = join(folder, 'passphrase')
  rmSync(path, { force: true })
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}

describe('from a file', () => {
  it.each([
    ['as it is', 'secret', 'secret'],
    ['without its newline', 'secret\n', 'secret'],
    ['without the newline of another system', 'secret\r\n', 'secret'],
    ['with its spaces', ' two words \n', ' two words '],
    ['beyond ASCII', 'schlüssel 🔑\n', 'schlüssel 🔑'],
    ['of 1024 bytes', `${'x'.repeat(1024)}\r\n`, 'x'.repeat(1024)],
  ])('%s', async (_, content, wanted) => {
    expect(fromUtf8(await passphraseFromFile(file(content)))).toBe(wanted)
  })

  it.each([
    ['nothing', ''],
    ['an empty line', '\n'],
    ['two lines', 'secret\nsecret\n'],
    ['two newlines', 'secret\n\n'],
    ['a zero byte', 'secret\0'],
    ['too much', 'x'.repeat(1025)],
    ['a megabyte', 'x'.repeat(1 << 20)],
    ['bytes that are no text', Uint8Array.of(0x73, 0xff)],
    ['a byte order mark', '\ufeffsecret'],
  ])('%s is passphrase_invalid, and not shown', async (_, content) => {
    const error = await refused(() => passphraseFromFile(file(content)))
    expect(error.code).toBe('passphrase_invalid')
    expect(textOf(error)).not.toMatch(/secret|xxx/)
  })

  it.each([0o644, 0o640, 0o604, 0o660, 0o601])('of mode %o is secret_exposed, with what to do', async (mode) => {
    const path = file('secret', mode)
    const error = await refused(() => passphraseFromFile(path))
    expect(error).toMatchObject({ code: 'secret_exposed', details: { path, mode: mode.toString(8) } })
    expect(error.message).toContain('chmod 600')
    chmodSync(path, 0o400)
    await passphraseFromFile(path)
  })

  it('a pipe, and not a directory', async () => {
    const path = join(folder, 'pipe')
    spawnSync('sh', ['-c', `mkfifo -m 600 ${path}`])
    const writer = spawn('sh', ['-c', `printf sec > ${path}; true`])
    const ended = once(writer, 'exit')
    expect(fromUtf8(await passphraseFromFile(path))).toBe('sec')
    await ended
    expect((await refused(() => passphraseFromFile(folder))).code).toBe('passphrase_invalid')
  })
})

describe('from a descriptor', () => {
  it('that is a file, with its mode', async () => {
    const path = file('secret\n')
    const descriptor = openSync(path, 'r')
    try {
      expect(fromUtf8(await passphraseFromDescriptor(descriptor))).toBe('secret')
      chmodSync(path, 0o644)
      expect((await refused(() => passphraseFromDescriptor(descriptor))).code).toBe('secret_exposed')
    } finally {
      closeSync(descriptor)
    }
  })

  it('that is not open, and a file that is not there', async () => {
    for (const attempt of [() => passphraseFromDescriptor(12_345), () => passphraseFromFile(join(folder, 'nothing'))]) {
      const error = await refused(attempt)
      expect([error.code, error.message]).toEqual(['passphrase_invalid', expect.stringMatching(/EBADF|ENOENT/)])
    }
  })

  it('that nobody opened for it: one of Node itself, which would never end, and one to write to', async () => {
    const kinds = ['isFile', 'isDirectory', 'isFIFO', 'isSocket', 'isCharacterDevice'] as const
    const ofNode = Array.from({ length: 64 }, (_, each) => each).filter((each) => {
      try {
        const found = fstatSync(each)
        return kinds.every((kind) => !found[kind]())
      } catch {
        return false
      }
    })
    for (const descriptor of ofNode) {
      const error = await refused(() => passphraseFromDescriptor(descriptor))
      expect([error.code, error.message]).toEqual([
        'passphrase_invalid',
        expect.stringContaining('no file and no pipe'),
      ])
    }
    const written = openSync(file('secret\n'), 'a')
    try {
      const error = await refused(() => passphraseFromDescriptor(written))
      expect([error.code, error.message]).toEqual(['passphrase_invalid', expect.stringContaining('EBADF')])
    } finally {
      closeSync(written)
    }
  })

  it.each([-1, 0.5, Number.NaN, 2 ** 31])('that is none: %d', async (descriptor) => {
    expect((await refused(() => passphraseFromDescriptor(descriptor))).code).toBe('passphrase_invalid')
  })
})

/** What a program prints in a session of its own, which has no terminal. */
async function outputWithoutTerminal(program: string): Promise<string> {
  const child = spawn(process.execPath, [program], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  for await (const chunk of child.stdout) output += String(chunk)
  return output
}

/** A terminal that somebody types at. */
function terminal(): Terminal & { readonly typed: PassThrough; readonly shown: () => string; readonly raw: boolean[] } {
  const typed = new PassThrough()
  const raw: boolean[] = []
  let shown = ''
  const input = Object.assign(typed, { setRawMode: (isRaw: boolean) => void raw.push(isRaw) })
  const output = {
    write(text: string): void {
      shown += text
    },
  }
  return { input, output, close: () => undefined, typed, shown: () => shown, raw }
}

describe('from a terminal', () => {
  const ask = async (keys: string, isNew = false) => {
    const asked = terminal()
    asked.typed.write(keys)
    const answer = await askPassphrase(asked, { of: 'the hot key', isNew })
    return { ...asked, answer: fromUtf8(answer) }
  }

  it('shows nothing of it, and leaves the terminal as it was', async () => {
    const { answer, shown, raw, typed } = await ask('secret\rnext command\n')
    expect(answer).toBe('secret')
    expect(shown()).toBe('Passphrase of the hot key: \n')
    expect(raw).toEqual([true, false])
    expect(String(typed.read())).toBe('next command\n')
  })

  it.each([
    ['corrected', 'secrex\x7ft\r', 'secret'],
    ['corrected by whole letters', 'ü🔑\x7f\x08é\r', 'é'],
    ['corrected beyond its beginning', '\x7f\x7fa\r', 'a'],
    ['begun anew', 'wrong\x15secret\r', 'secret'],
    ['with arrows and function keys', 'se\x1b[Dc\x1bOPre\x1b[15~\x1bt\r', 'secre'],
    ['ended by Ctrl-D', 'secret\x04', 'secret'],
    ['with a tab, which is no part of it', 'sec\tret\n', 'secret'],
  ])('%s', async (_, keys, wanted) => expect((await ask(keys)).answer).toBe(wanted))

  it('is asked for twice where it is made', async () => {
    const { answer, shown } = await ask('secret\rsecret\r', true)
    expect(answer).toBe('secret')
    expect(shown()).toBe('New passphrase of the hot key: \nThe same again: \n')
    expect((await ask('secret\rsecrets\rother\rother\r', true)).answer).toBe('other')
  })

  it.each([
    ['Ctrl-C', 'sec\x03', false, 'passphrase_cancelled'],
    ['Ctrl-D at once', '\x04', false, 'passphrase_cancelled'],
    ['three times not the same', 'a\rb\rc\rd\re\rf\r', true, 'passphrase_cancelled'],
    ['nothing', '\r', false, 'passphrase_invalid'],
    ['too much', `${'x'.repeat(2000)}\r`, false, 'passphrase_invalid'],
  ])('%s gives none', async (_, keys, isNew, code) => {
    const asked = terminal()
    asked.typed.write(keys)
    const error = await refused(() => askPassphrase(asked, { of: 'the hot key', isNew }))
    expect(error.code).toBe(code)
    expect(asked.raw.at(-1)).toBe(false)
  })

  it('a terminal that goes away gives none', async () => {
    const asked = terminal()
    asked.typed.end('sec')
    expect((await refused(() => askPassphrase(asked, { of: 'x', isNew: false }))).code).toBe('passphrase_cancelled')
  })

  const noTerminal = !String(spawnSync('script', ['--version']).stdout).includes('util-linux')
  if (noTerminal) console.log('the terminal test is short: there is no `script` of util-linux to make a terminal with')

  it('a real one, though standard input is something else', async () => {
    const program = fileURLToPath(await bundled(new URL('prompt-program.ts', import.meta.url)))
    expect(await outputWithoutTerminal(program)).toBe('passphrase_needed\n')
    if (noTerminal) return
    const out = join(folder, 'out')
    const command = `${process.execPath} ${program} < /dev/null > ${out}`
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
    let shown = ''
    child.stdout.on('data', (chunk: Buffer) => {
      shown += chunk.toString()
      // Typed when it is asked for: until then the terminal itself would show it.
      if (shown.endsWith(': ')) child.stdin.write('tres secret\r')
    })
    await once(child, 'close')
    expect(readFileSync(out, 'utf8')).toBe('tres secret\n')
    expect(shown.replaceAll('\r', '')).toBe('New passphrase of the test: \nThe same again: \n')
  })
})
