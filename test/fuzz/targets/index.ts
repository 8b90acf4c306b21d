/** Every decoder of bytes that come from outside the process. */
import type { Target } from '../target.ts'
import { clients } from './client.ts'
import { documents } from './documents.ts'
import { journals } from './journal.ts'
import { keyFiles } from './keys.ts'
import { servers } from './server.ts'
import { settings } from './settings.ts'

export const targets: readonly Target[] = [...documents, ...journals, ...keyFiles, ...servers, ...clients, ...settings]
