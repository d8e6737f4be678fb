-- Each row breaks one rule of the tables and must be refused for exactly that.
BEGIN;
\ir ../tap.sql
\ir ../fixture.sql
SELECT tap.plan(7);

SELECT tap.refuses(statement, state, description)
FROM (VALUES
  ($$INSERT INTO shop.customer (email, name) VALUES ('not an address', 'X')$$, '23514', 'an e-mail address has an @'),
  ($$INSERT INTO shop.customer (email, name) VALUES ('ADA@test.example', 'X')$$, '23505', 'an e-mail address is one customer''s'),
  ($$UPDATE shop.product SET price = -1 WHERE sku = 'TEST-1'$$, '23514', 'a price is not negative'),
  ($$UPDATE shop.product SET currency_code = 'XXX' WHERE sku = 'TEST-1'$$, '23503', 'a price is in a known currency'),
  ($$UPDATE shop.stock SET quantity = -1$$, '23514', 'stock is not negative'),
  ($$UPDATE shop.category SET parent_id = id$$, '23514', 'a category is not its own parent'),
  ($$INSERT INTO shop.visit (product_id) SELECT id FROM shop.product$$, '23502', 'a visit has a session')
) AS rule (statement, state, description);

ROLLBACK;
