// Which leaklint is started.

import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

export interface Choice {
  /** The user's setting; empty when there is none. */
  setting: string;
  /** The first folder, if one is open. */
  folder: string | undefined;
  /** Whether programs of the folder may be started. */
  trusted: boolean;
  environment: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
}

/** The program to start; `undefined` when none is installed. */
export function findServer(choice: Choice): string | undefined {
  if (choice.setting !== '') {
    const inFolder = choice.folder !== undefined && /[\\/]/.test(choice.setting) && !isAbsolute(choice.setting);
    return inFolder ? join(choice.folder!, choice.setting) : choice.setting;
  }
  const local = choice.trusted && choice.folder !== undefined ? [join(choice.folder, 'node_modules', '.bin')] : [];
  const path = (choice.environment.PATH ?? choice.environment.Path ?? '').split(delimiter).filter(isAbsolute);
  const names = choice.platform === 'win32' ? ['leaklint.exe', 'leaklint.cmd'] : ['leaklint'];
  return [...local, ...path].flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
