/** The names in a journal's directory (FORMAT §10): of its files, and of what is made aside and ahead. */
const WAL = /^[0-9a-f]{16}\.wal$/

/** The file that begins at this height. */
export function fileName(first: bigint): string {
  return `${first.toString(16).padStart(16, '0')}.wal`
}

/** The height that a file's name says; undefined where it is none of a journal file. */
export function heightOfName(name: string): bigint | undefined {
  return WAL.test(name) ? BigInt(`0x${name.slice(0, 16)}`) : undefined
}

/** Whatever means to be a journal file, rightly named or not. */
export function claimsToBeJournal(name: string): boolean {
  return name.toLowerCase().endsWith('.wal')
}

/** Not finished when its writer stopped: whoever takes the journal over removes it. */
export function isTemporary(name: string): boolean {
  return name.endsWith('.tmp')
}

/** The file that is made ahead of the one in use, and what it is called until its zeros are on the disk. */
export const AHEAD_NAME = 'ahead.tmp'
export const FILLING_NAME = 'filling.tmp'
/** The newest file while it is written again. */
export const REWRITE_NAME = 'rewrite.tmp'

/** Beside a file that was restored, as long as nobody knows whether it has its name for good. No temporary file: a takeover needs it to its end. */
export function doubtName(first: bigint): string {
  return `restored-${fileName(first).slice(0, -'.wal'.length)}.bin`
}

/** Where the bytes of a torn frame are kept, under a name that none of these has. */
export function tornName(height: bigint, offset: number, taken: readonly string[]): string {
  const plain = `torn-${height}-${offset}`
  let name = `${plain}.bin`
  for (let again = 1; taken.includes(name); again++) name = `${plain}-${again}.bin`
  return name
}
