-- Immutable tables take rows in migration mode, which SET LOCAL ends with the transaction.
BEGIN;
SET LOCAL hectic.migration_mode = 'on';

INSERT INTO shop.country (code, name, vat_rate) VALUES
  ('AT', 'Austria', 20),
  ('CH', 'Switzerland', 8.1),
  ('DE', 'Germany', 19),
  ('FR', 'France', 20),
  ('NL', 'Netherlands', 21);

INSERT INTO shop.currency (code, name, digits) VALUES
  ('CHF', 'Swiss franc', 2),
  ('EUR', 'Euro', 2),
  ('JPY', 'Yen', 0);

COMMIT;
