#!/usr/bin/env node
/** `cairn`: the command line. */
import { run } from './exit.ts'
import { FAILING } from './failing.ts'
import { makeProgram } from './program.ts'

await run(makeProgram(), process.argv, FAILING)
