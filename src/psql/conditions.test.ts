import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conditions } from './conditions.js';

/** Runs words such as `if(on)`, `else`, and writes `+` or `-` after each: whether statements there take effect. */
async function walk(commands: string): Promise<string> {
  const conditions = new Conditions({ savepoint: { length: 0, parenDepth: 0, copies: 0 }, restore: () => undefined });
  let path = '';
  for (const command of commands.split(' ')) {
    const [, name, expression] = /^(\w+)(?:\((.*)\))?$/.exec(command)!;
    const read = async () => expression ?? '';
    const { failure, complaint } = await conditions[name as 'if' | 'elif' | 'else' | 'endif'](read);
    path += failure ?? complaint ?? (conditions.active ? '+' : '-');
  }
  return path;
}

const walks: readonly [commands: string, path: string][] = [
  ['if(on) endif', '++'],
  ['if(off) endif', '-+'],
  ['if(on) else endif', '+-+'],
  ['if(off) else endif', '-++'],
  ['if(off) elif(on) elif(on) else endif', '-+--+'],
  ['if(on) elif(on) else endif', '+--+'],
  ['if(off) if(on) else endif else endif', '----++'],
  ['if(on) if(off) else endif endif', '+-+++'],
  ['if(off) elif(bad) else endif', '-unrecognized value "bad" for "\\elif expression": Boolean expected++'],
  ['if(bad)', 'unrecognized value "bad" for "\\if expression": Boolean expected'],
  ['if() else', 'unrecognized value "" for "\\if expression": Boolean expected+'],
  ['if(off) if(bad) endif', '---'],
  ['endif', '\\endif: no matching \\if'],
  ['else', '\\else: no matching \\if'],
  ['elif(on)', '\\elif: no matching \\if'],
  ['if(on) else else', '+-\\else: cannot occur after \\else'],
  ['if(on) else elif(on)', '+-\\elif: cannot occur after \\else'],
];
for (const [commands, path] of walks)
  test(`conditions: ${commands}`, async () => assert.equal(await walk(commands), path));
