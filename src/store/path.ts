/**
 * Paths: a page by where it stands, its depth and the half-bytes of the keys below it. One as short as nearly all of them is a number,
 * which is exact and a cheap key of an index; a longer one is its half-bytes as text.
 */
export type Path = number | string

/** The path of the root page. */
export const ROOT: Path = 0

/** The depth up to which half-bytes and depth fit into the 53 bits of a number. */
const NUMBERED_DEPTH = 12
/** Below this the path of a child is a number of 31 bits, which takes no floating point: nearly all are. */
const SHORT = 2 ** 27
/** What the first half-byte of a path of each depth stands for. */
const FIRST: readonly number[] = Array.from({ length: NUMBERED_DEPTH + 2 }, (_, depth) => 16 ** depth)

/** The path of the page that a slot points to. */
export function childPath(path: Path, slot: number): Path {
  if (typeof path === 'string') return path + slot.toString(16)
  if (path < SHORT && (path & 15) < NUMBERED_DEPTH) return ((path & ~15) << 4) | (slot << 4) | ((path & 15) + 1)
  const depth = path % 16
  const nibbles = (path - depth) / 16
  if (depth < NUMBERED_DEPTH) return (nibbles * 16 + slot) * 16 + depth + 1
  return nibbles.toString(16).padStart(depth, '0') + slot.toString(16)
}

export function parentPath(path: Path): Path {
  const depth = depthOf(path)
  if (typeof path === 'number') return Math.floor(path / 256) * 16 + depth - 1
  const shorter = path.slice(0, -1)
  return depth - 1 > NUMBERED_DEPTH ? shorter : Number.parseInt(shorter, 16) * 16 + depth - 1
}

/** The slot of its parent that points to a page. */
export function slotOfPath(path: Path): number {
  return typeof path === 'string' ? Number.parseInt(path.slice(-1), 16) : Math.floor(path / 16) % 16
}

/** The first half-byte of a path that has one. */
export function firstNibble(path: Path): number {
  return typeof path === 'string'
    ? Number.parseInt(path.charAt(0), 16)
    : Math.floor(path / (FIRST[path % 16] as number)) % 16
}

export function depthOf(path: Path): number {
  return typeof path === 'string' ? path.length : path % 16
}

/** The path in bytes, two half-bytes each, the last one's second half zero where the depth is odd. */
export function pathBytes(path: Path): Uint8Array {
  const bytes = new Uint8Array(pathLength(path))
  writePath(bytes, 0, path)
  return bytes
}

export function pathLength(path: Path): number {
  return (depthOf(path) + 1) >> 1
}

/** The same into bytes that are zero. */
export function writePath(target: Uint8Array, at: number, path: Path): void {
  const depth = depthOf(path)
  if (typeof path === 'string') {
    for (let i = 0; i < depth; i++) {
      const nibble = Number.parseInt(path.charAt(i), 16)
      target[at + (i >> 1)] = (target[at + (i >> 1)] as number) | (i % 2 === 0 ? nibble << 4 : nibble)
    }
    return
  }
  let rest = Math.floor(path / 16) * (depth % 2 === 0 ? 1 : 16)
  for (let i = pathLength(path) - 1; i >= 0; i--) {
    target[at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
}

/** The path that these bytes say. */
export function pathOfBytes(bytes: Uint8Array, depth: number): Path {
  const nibble = (i: number): number => ((bytes[i >> 1] as number) >> (i % 2 === 0 ? 4 : 0)) & 15
  let path: Path = ROOT
  for (let i = 0; i < depth; i++) path = childPath(path, nibble(i))
  return path
}
