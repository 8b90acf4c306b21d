/** The JSON Schema of the config file, made of the table of settings: what an editor proposes and checks is what the commands take. */
import type { JsonValue } from '../../server/canonical-json.ts'
import { flagOf, SETTING_NAMES, SETTINGS, type SettingName, variableOf } from './settings.ts'

function configSchema(): JsonValue {
  const properties = SETTING_NAMES.map((name) => [name, propertyOf(name)] as const)
  return {
    // The version that most editors know.
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'cairn.config.json',
    description:
      'What is set for good for the command line of Cairn. The command line comes before the environment, that before this file. Paths are relative to the working directory. No secret belongs here.',
    type: 'object',
    properties: {
      $schema: { type: 'string', description: 'Where this schema is.' },
      ...Object.fromEntries(properties),
    },
    additionalProperties: false,
  }
}

function propertyOf(name: SettingName): JsonValue {
  const { kind, text, default: usual } = SETTINGS[name]
  const description = `${text}. On the command line ${flagOf(name)}, in the environment ${variableOf(name)}.`
  return { ...kind.schema, description, ...(usual !== undefined && { default: usual }) }
}

/** As it is published. */
export function configSchemaText(): string {
  return `${JSON.stringify(configSchema(), undefined, 2)}\n`
}
