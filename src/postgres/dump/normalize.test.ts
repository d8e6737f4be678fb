import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalizeDump } from './normalize.js';

const title = '--\n-- PostgreSQL database dump\n--\n';
const end = '--\n-- PostgreSQL database dump complete\n--\n';
const view = '--\n-- Name: v; Type: VIEW; Schema: public; Owner: me\n--\n\nCREATE VIEW public.v AS\n SELECT 1;\n\n\n';
const settings = "SET client_encoding = 'UTF8';\nSET row_security = off;\n";
const plain = `${title}\n${settings}\n${view}${end}`;

const fromVersion18 = `${title}
\\restrict 0a1B

-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.3

SET statement_timeout = 0;
SET lock_timeout = 0;
SET transaction_timeout = 0;
${settings}
${view}${end}
\\unrestrict 0a1B

`;

test('tokens, versions and timeouts are taken out of a dump', () => {
  assert.equal(normalizeDump(fromVersion18), plain);
});

test('a dump without any of them stays as it is', () => {
  assert.equal(normalizeDump(plain), plain);
});

test('a dump of an empty database is its settings', () => {
  assert.equal(normalizeDump(`${title}\nSET lock_timeout = 0;\n${settings}\n${end}`), `${title}\n${settings}\n${end}`);
});

test('the same words inside a function body are left alone', () => {
  const body = view.replace('SELECT 1;', "\n\\restrict x\n-- Dumped by hand\nSET lock_timeout = 0;\n'';");
  assert.equal(normalizeDump(plain.replace(view, body)), plain.replace(view, body));
});
