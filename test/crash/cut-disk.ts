/**
 * An ext4 file system in a file, whose power can be cut: the kernel's own shutdown (EXT4_IOC_SHUTDOWN without flushing the log) drops whatever was not
 * synced, as a machine does that loses its power, and every call answers EIO from then on until it is mounted again. What the device itself may hold back
 * is not lost: what was written to it counts as written.
 *
 * It needs Linux, root, mkfs.ext4, mount with a loop device, and perl or python3 for the ioctl, which Node has not.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const IMAGE_BYTES = 256 << 20

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH, on the directory that is named. */
const SHUTDOWN: readonly (readonly string[])[] = [
  ['perl', '-e', 'open(my $d, "<", $ARGV[0]) or die $!; my $f = pack("L", 2); ioctl($d, 0x8004587D, $f) or die $!'],
  [
    'python3',
    '-c',
    'import fcntl, os, struct, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack("I", 2))',
  ],
]

export class CutDisk {
  /** Where it is mounted. */
  readonly mountPoint: string
  /** A place for a folder of whoever looks at it, which goes away with it. */
  readonly scratch: string
  private readonly folder: string
  private readonly options: string
  private witnesses = 0
  private isMounted = false

  /** Made, and mounted with these options. */
  constructor(options: string) {
    this.folder = mkdtempSync(join(tmpdir(), 'cairn-power-'))
    this.mountPoint = join(this.folder, 'mnt')
    this.scratch = join(this.folder, 'scratch')
    this.options = options
    try {
      mkdirSync(this.mountPoint)
      closeSync(openSync(this.image, 'wx'))
      truncateSync(this.image, IMAGE_BYTES)
      demand('mkfs.ext4', '-q', '-F', this.image)
      this.mount()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /**
   * Cuts the power. Whoever mounts it again can ask whether something was kept that was written just before and not synced: a sync of somebody else may
   * have taken it along.
   */
  cut(): { readonly isKept: () => boolean } {
    const witness = join(this.mountPoint, `witness-${this.witnesses++}`)
    writeFileSync(witness, 'not synced')
    shutdown(this.mountPoint)
    return { isKept: () => existsSync(witness) && readFileSync(witness, 'utf8') !== '' }
  }

  /** Takes it away and mounts it again, as a machine does that starts; nobody may use it meanwhile. */
  remount(): void {
    this.unmount()
    this.mount()
  }

  /** Leaves neither a mount nor a loop device nor a file. */
  close(): void {
    try {
      this.unmount()
    } finally {
      rmSync(this.folder, { recursive: true, force: true })
    }
  }

  private get image(): string {
    return join(this.folder, 'image')
  }

  private mount(): void {
    // The loop device goes away with the mount.
    demand('mount', '-t', 'ext4', '-o', `loop,${this.options}`, this.image, this.mountPoint)
    this.isMounted = true
  }

  private unmount(): void {
    if (!this.isMounted) return
    demand('umount', this.mountPoint)
    this.isMounted = false
  }
}

/** What is missing on this machine, in words; nothing where a power cut can be had. */
export function missingForCuts(): string | undefined {
  if (process.platform !== 'linux') return 'Linux, whose ext4 has a call that cuts it off'
  if (process.getuid?.() !== 0) return 'root, to mount a file system'
  try {
    const disk = new CutDisk('data=ordered')
    try {
      const { isKept } = disk.cut()
      disk.remount()
      return isKept() ? 'a cut that drops what was not synced: this one kept it' : undefined
    } finally {
      disk.close()
    }
  } catch (error) {
    return `an ext4 image on a loop device, and perl or python3 to cut it off: ${(error as Error).message}`
  }
}

function shutdown(mountPoint: string): void {
  const said: string[] = []
  for (const [program = '', ...args] of SHUTDOWN) {
    const ran = spawnSync(program, [...args, mountPoint], { encoding: 'utf8' })
    if (ran.status === 0) return
    said.push(wordsOf(program, ran))
  }
  throw new Error(said.join('; '))
}

function demand(program: string, ...args: readonly string[]): void {
  const ran = spawnSync(program, args, { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(wordsOf(program, ran))
}

function wordsOf(program: string, { error, status, stderr }: SpawnSyncReturns<string>): string {
  return error === undefined ? `${program} ended with ${status}: ${stderr.trim()}` : `${program}: ${error.message}`
}
