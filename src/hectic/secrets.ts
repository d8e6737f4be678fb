import { inTransaction, type Queryable, userErrorOf } from './session.js';

/**
 * Replaces all secrets of the database by those of a dotenv text. The text travels as a bound parameter, which the server is
 * asked not to log. Needs EXECUTE on `hectic.load_secrets_from_env` and a connection outside a transaction. Throws a UserError
 * that names faulty lines by number, never a value.
 * `key` encrypts them instead of the session's or the server's key; whoever reads them needs it as `hectic.secret_key`.
 */
export async function loadSecrets(
  client: Queryable,
  dotenv: string,
  { key }: { key?: string | undefined } = {},
): Promise<void> {
  try {
    await inTransaction(client, async () => {
      await client.query(keepParametersOutOfTheLog);
      if (key !== undefined) await client.query("SELECT pg_catalog.set_config('hectic.secret_key', $1, true)", [key]);
      await client.query('SELECT hectic.load_secrets_from_env($1)', [dotenv]);
    });
  } catch (error) {
    throw userErrorOf(error, 'secrets');
  }
}

/** Some of these only a superuser may change: whoever may not relies on how the server is set up (docs/hectic.md). */
const keepParametersOutOfTheLog = `
  DO $$
  DECLARE
    setting record;
  BEGIN
    FOR setting IN SELECT * FROM (VALUES
      ('log_parameter_max_length_on_error', '0'), ('log_parameter_max_length', '0'),
      ('auto_explain.log_parameter_max_length', '0'), ('pgaudit.log_parameter', 'off')
    ) AS t (name, value) LOOP
      BEGIN
        PERFORM pg_catalog.set_config(setting.name, setting.value, true);
      EXCEPTION WHEN insufficient_privilege OR undefined_object OR invalid_name THEN NULL;
      END;
    END LOOP;
  END $$`;
