/** The system calls of a program, as strace wrote them down: what it did to the journal's files, and what it printed, in order. */

/** A call on a file of the journal, one of those that are made ahead among them; or a line that was printed. */
export type Call =
  | {
      readonly what: 'frame' | 'write' | 'sync'
      readonly fd: string
      readonly when: 'begins' | 'ends'
      readonly failed: boolean
    }
  | { readonly what: 'print'; readonly text: string }

// The beginning of a record, as strace shows it: what is written of zeros and headers has none.
const RECORD = /\\24[45](?:seal|block|close)/

/** Reads the log of `strace -f -s 600 -e trace=openat,pwrite64,write,fdatasync`. Calls on other files than the journal's are left out. */
export function callsIn(log: string): readonly Call[] {
  const journal = new Set<string>()
  const unfinished = new Map<string, string>()
  const calls: Call[] = []
  for (const line of log.split('\n')) {
    const [, thread = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? []
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest)
    const begun = resumed === null ? rest : (unfinished.get(thread) ?? '')
    const [, name = '', args = ''] = /^(\w+)\((.*)$/.exec(begun) ?? []
    const isUnfinished = rest.endsWith('<unfinished ...>')
    if (isUnfinished) unfinished.set(thread, rest)
    const end = resumed?.[2] ?? rest
    const result = /= (-?\d+)[^=]*$/.exec(end)?.[1] ?? ''
    const [, fd = ''] = /^(\d+)/.exec(args) ?? []
    if (name === 'openat' && !isUnfinished) {
      // A number that another file gets is no longer the journal's.
      if (/"[^"]*\/journal\/[^"]+"/.test(args)) journal.add(result)
      else journal.delete(result)
    } else if (name === 'write' && fd === '1' && resumed === null) {
      calls.push({ what: 'print', text: /"(.*)"/.exec(args)?.[1] ?? '' })
    } else if ((name === 'pwrite64' || name === 'fdatasync') && journal.has(fd)) {
      const what = name === 'fdatasync' ? 'sync' : RECORD.test(args) ? 'frame' : 'write'
      const failed = result.startsWith('-')
      if (resumed === null) calls.push({ what, fd, when: 'begins', failed })
      if (!isUnfinished) calls.push({ what, fd, when: 'ends', failed })
    }
  }
  return calls
}
