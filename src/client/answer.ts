export class AnswerTooLarge extends Error {
  constructor(max: number) {
    super(`its answer is larger than ${max} bytes`)
  }
}

/** The text of an answer, bounded before it is in memory (`AnswerTooLarge`). What else is wrong with it is an error that says so, too. */
export async function answerText(response: Response, max: number): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  let size = 0
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const bytes = piece.value as Uint8Array
    size += bytes.length
    if (size > max) {
      await reader.cancel()
      throw new AnswerTooLarge(max)
    }
    text += decoder.decode(bytes, { stream: true })
  }
  return text + decoder.decode()
}
