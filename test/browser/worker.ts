/** The script of a web worker: it answers to the worked examples with the engine that it is named after. */
import { answerWith, type EngineName } from './engines.ts'

answerWith(self.name as EngineName).then((answered) => postMessage(answered), reportError)
