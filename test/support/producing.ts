/** A producer in a process of its own, under load, with journal files so small that they roll all the time. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { bundled } from './bundled.ts'

const program = fileURLToPath(await bundled(new URL('../crash/program.ts', import.meta.url)))

export class Producing {
  /** What it printed of each command that was acknowledged. */
  readonly receipts: string[] = []
  readonly child: ChildProcess
  private rest = ''
  private readonly opened: Promise<unknown>

  /** It ends by itself after so long. `life` counts those on one directory. */
  constructor(directory: string, life: number, milliseconds: number) {
    const stdio = ['ignore', 'pipe', 'inherit'] as const
    this.child = spawn(process.execPath, [program, directory, String(life), String(milliseconds)], {
      stdio: [...stdio],
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.rest + text).split('\n')
      this.rest = lines.pop() ?? ''
      this.receipts.push(...lines.filter((line) => line !== 'open' && line !== 'closed'))
    })
    this.opened = once(this.child.stdout as NodeJS.ReadableStream, 'data')
  }

  /** When the chain is there. */
  async open(): Promise<void> {
    await this.opened
  }

  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close')
  }
}
