/** A setting as an option of a command: where the command line does not give it, the environment does, or the config file, or its default. */
import { Option } from 'commander'
import { flagOf, SETTINGS, type SettingName, variableOf } from './settings.ts'

export class SettingOption extends Option {
  readonly setting: SettingName
  /** What the config file says. */
  configured: unknown

  constructor(name: SettingName) {
    const { kind, shown, text, default: usual } = SETTINGS[name]
    super(`${flagOf(name)} ${shown}`, text)
    this.setting = name
    if (kind.choices !== undefined) this.choices(kind.choices)
    if (usual !== undefined) this.default(usual)
    // What a place of less weight says is no earlier value of this one.
    const isOther = (value: unknown): boolean => value === this.configured || value === this.defaultValue
    this.env(variableOf(name)).argParser((text, before) => kind.fromText(text, isOther(before) ? undefined : before))
  }
}

/** Adds an option to a command: `.addOption(setting('port'))`. */
export function setting(name: SettingName): SettingOption {
  return new SettingOption(name)
}
