/** Words in which the pages of a version are made one after the other. What was made stays where it is in them, however they grow. */

const FIRST_ROOM = 1 << 14

export class Space {
  words: Uint32Array = new Uint32Array(FIRST_ROOM)
  private end = 0

  /** Room for so many words, which hold whatever was there before. */
  take(count: number): number {
    const at = this.end
    this.end += count
    if (this.end > this.words.length) {
      const { words } = this
      this.words = new Uint32Array(Math.max(2 * words.length, this.end))
      this.words.set(words)
    }
    return at
  }

  /** Nobody needs what was made: it can be used for another version. */
  clear(): void {
    this.end = 0
  }
}
