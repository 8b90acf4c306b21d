#!/usr/bin/env node
/** `cairn`: the command line. */
import { LIES } from '../client/errors.ts'
import { run } from './exit.ts'
import { makeProgram } from './program.ts'

// What is no answer at all proves nothing either, like a malformed document.
await run(makeProgram(), process.argv, new Set([...LIES, 'answer_invalid']))
