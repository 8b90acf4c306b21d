/** A page of the reference: where it lies under docs/reference, and what it says. */
export interface Page {
  readonly path: string
  readonly text: string
}

/** A text within a cell of a table. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')
}

/** Plain text, which is not to be taken for tags. */
export function prose(text: string): string {
  return text.replace(/<(?=[\w/])/g, '\\<')
}

export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))]
  return `${lines.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`
}
