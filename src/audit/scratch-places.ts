/**
 * Where an audit keeps what it recomputes in, and what of it goes away at the end.
 *
 * Promise: nothing of another audit goes away. Trees that last are locked by whoever has them open; what lies beside them is its own.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenedStates } from './scratch-states.ts'

export class ScratchPlaces {
  readonly trees: string
  readonly values: string
  private readonly temporary: string
  private isOurs: boolean

  private constructor(trees: string, values: string, temporary: string, isOurs: boolean) {
    this.trees = trees
    this.values = values
    this.temporary = temporary
    this.isOurs = isOurs
  }

  /** Of trees that stay. */
  static beside(trees: string): ScratchPlaces {
    const values = `${trees}-values`
    return new ScratchPlaces(trees, values, values, false)
  }

  /** In a new directory, all of which goes away. */
  static async in(parent: string): Promise<ScratchPlaces> {
    const temporary = await mkdtemp(join(parent, 'cairn-verify-'))
    return new ScratchPlaces(join(temporary, 'trees'), join(temporary, 'values'), temporary, true)
  }

  /** The states, with whose trees the rest is ours; of an audit that was killed there may be values still. */
  async own(open: () => Promise<OpenedStates>): Promise<OpenedStates> {
    const states = await open()
    try {
      this.isOurs = true
      await rm(this.values, { recursive: true, force: true })
      return states
    } catch (error) {
      await states.close()
      throw error
    }
  }

  async remove(): Promise<void> {
    if (this.isOurs) await rm(this.temporary, { recursive: true, force: true })
  }
}
