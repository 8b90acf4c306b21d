/** What a setting can be: how it is read from text (the command line, a variable) and from the JSON of a config file, and its JSON Schema. */
import { InvalidArgumentError } from 'commander'
import type { JsonValue } from '../../server/canonical-json.ts'

export interface Kind {
  /** Throws an InvalidArgumentError that says what it has to be. `before` is what was given before in the same place, where it was. */
  readonly fromText: (text: string, before?: unknown) => unknown
  /** As `fromText`, of a value in a config file. */
  readonly fromJson: (value: JsonValue) => unknown
  readonly schema: Readonly<Record<string, JsonValue>>
  /** The only values that it can have. */
  readonly choices?: readonly string[]
}

/** The name of a file, a directory, a host: whatever is not empty. */
export const word: Kind = textOf(/./s, 'It is empty.', { minLength: 1 })

export function matching(form: RegExp, what: string): Kind {
  return textOf(form, what, { pattern: form.source })
}

function textOf(form: RegExp, what: string, bounds: Kind['schema']): Kind {
  const fromText = (text: string): string => {
    return form.test(text) ? text : refuse(what)
  }
  return {
    fromText,
    fromJson: (value) => (typeof value === 'string' ? fromText(value) : refuse('It is a text.')),
    schema: { type: 'string', ...bounds },
  }
}

export function oneOf(choices: readonly string[]): Kind {
  const fromText = (text: string): string => {
    return choices.includes(text) ? text : refuse(`Allowed choices are ${choices.join(', ')}.`)
  }
  return {
    fromText,
    fromJson: (value) => fromText(typeof value === 'string' ? value : ''),
    schema: { enum: [...choices] },
    choices,
  }
}

export function whole(min: number, max: number): Kind {
  const what = `It is a whole number from ${min} to ${max}.`
  const fromText = (text: string): number => {
    const value = Number(text)
    return /^[0-9]{1,15}$/.test(text) && value >= min && value <= max ? value : refuse(what)
  }
  return {
    fromText,
    fromJson: (value) => (typeof value === 'number' ? fromText(String(value)) : refuse(what)),
    schema: { type: 'integer', minimum: min, maximum: max },
  }
}

/** One or more: given again, or with commas between them; in a config file a text or an array of them. */
export const words: Kind = {
  fromText: (text, before) => {
    const given = text.split(',')
    if (given.includes('')) refuse('One of them is empty.')
    return [...((before as readonly string[] | undefined) ?? []), ...given]
  },
  fromJson: (value) => {
    const given = Array.isArray(value) ? (value as readonly JsonValue[]) : [value]
    const areWords = given.length > 0 && given.every((each) => typeof each === 'string' && each !== '')
    return areWords ? given : refuse('It is a text or an array of them, none of them empty.')
  },
  schema: {
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    ],
  },
}

/** What is trusted is said once and plainly: of two lists one would not be looked at. */
export function once(kind: Kind): Kind {
  return {
    ...kind,
    fromText: (text, before) => {
      return before === undefined ? kind.fromText(text) : refuse('It can be given once only.')
    },
  }
}

function refuse(what: string): never {
  throw new InvalidArgumentError(what)
}
