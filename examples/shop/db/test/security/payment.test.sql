-- Secrets are loaded with a key of the test's own, so that the test needs no dotenv file.
BEGIN;
\ir ../tap.sql
SELECT tap.plan(4);

SET LOCAL hectic.secret_key = 'key of this test';
DO $$ BEGIN PERFORM hectic.load_secrets_from_env('PAYMENT_WEBHOOK_KEY="swordfish"'); END $$;
SELECT tap.is(hectic.get_secret('PAYMENT_WEBHOOK_KEY'), 'swordfish', 'the secret is there');

SET LOCAL ROLE shop_staff;
SELECT tap.ok(shop.payment_is_genuine('{"order": 1}', encode(public.hmac('{"order": 1}', 'swordfish', 'sha256'), 'hex')),
              'a signature made with the secret is genuine');
SELECT tap.ok(NOT shop.payment_is_genuine('{"order": 2}', encode(public.hmac('{"order": 1}', 'swordfish', 'sha256'), 'hex')),
              'that of another payload is not');

RESET ROLE;
DO $$ BEGIN PERFORM hectic.load_secrets_from_env(''); END $$;
SELECT tap.ok(NOT shop.payment_is_genuine('', ''), 'without the secret nothing is');

ROLLBACK;
