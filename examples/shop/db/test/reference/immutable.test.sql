BEGIN;
\ir ../tap.sql
SELECT tap.plan(5);

SELECT tap.is((SELECT count(*) FROM shop.country), 5::bigint, 'countries are there');
SELECT tap.refuses($$INSERT INTO shop.country (code, name, vat_rate) VALUES ('XX', 'Nowhere', 0)$$, '55000',
                   'a country cannot be added in passing');
SELECT tap.refuses('DELETE FROM shop.currency', '55000', 'currencies cannot be deleted');

SET LOCAL hectic.migration_mode = 'on';
UPDATE shop.country SET vat_rate = 20 WHERE code = 'DE';
SELECT tap.is((SELECT vat_rate FROM shop.country WHERE code = 'DE'), 20.00, 'a migration can change a rate');

SET LOCAL hectic.migration_mode = 'off';
SELECT tap.refuses('UPDATE shop.country SET vat_rate = 0', '55000', 'and afterwards the table is frozen again');

ROLLBACK;
