import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { NoticeMessage } from 'pg-protocol/dist/messages.js';
import { quoteLiteral } from '../../sql/quote.js';
import type { Step } from '../plan/item.js';
import { isRace, isThereAlready } from './failures.js';

const attempts = 8;

/**
 * Sends a step's statement. @param verifier what goes to the server in place of a password
 * Throws the server's error; a warning that nothing was granted or revoked counts as one.
 */
export async function runStep(client: pg.Client, step: Step, verifier?: string): Promise<void> {
  const sql = verifier === undefined ? step.sql : `${step.sql} PASSWORD ${quoteLiteral(verifier)}`;
  for (let attempt = 1; ; attempt++) {
    try {
      return await send(client, sql);
    } catch (error) {
      if (step.action === 'create' && isThereAlready(error)) return;
      if (!isRace(error) || attempt === attempts) throw error;
      await sleep(10 * attempt);
    }
  }
}

/** Warnings with which the server says that it has not done what it was told (aclchk.c, restrict_and_check_grant). */
const emptyHanded = new Set(['01006', '01007']);

async function send(client: pg.Client, sql: string): Promise<void> {
  const warnings: NoticeMessage[] = [];
  const listen = (notice: NoticeMessage) => {
    if (emptyHanded.has(notice.code ?? '')) warnings.push(notice);
  };
  client.on('notice', listen);
  try {
    await client.query(sql);
  } finally {
    client.off('notice', listen);
  }
  const [warning] = warnings;
  if (warning !== undefined) throw Object.assign(new Error(warning.message), { code: warning.code });
}
