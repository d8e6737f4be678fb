-- Made up, and the same each time: 3 categories, 30 products, 50 customers, 200 orders, 1000 visits.
BEGIN;

INSERT INTO shop.category (slug, name) VALUES ('mock-tea', 'Mock tea'), ('mock-coffee', 'Mock coffee'), ('mock-cups', 'Mock cups');

WITH product AS (
  INSERT INTO shop.product (sku, name, category_id, price, currency_code)
  SELECT format('MOCK-%s', lpad(n::text, 3, '0')), format('Mock product %s', n), c.id, 250 + n * 35, 'EUR'
  FROM generate_series(1, 30) AS n
  JOIN shop.category c ON c.slug = (ARRAY['mock-tea', 'mock-coffee', 'mock-cups'])[1 + n % 3]
  RETURNING id
)
INSERT INTO shop.stock (product_id, quantity) SELECT id, 1000 FROM product;

WITH customer AS (
  INSERT INTO shop.customer (email, name)
  SELECT format('mock%s@example.com', n), format('Mock Customer %s', n) FROM generate_series(1, 50) AS n
  RETURNING id
)
INSERT INTO shop.address (customer_id, street, city, postal_code, country_code)
SELECT id, format('Mock Street %s', row_number() OVER (ORDER BY id)), 'Mocktown', '10115', 'DE' FROM customer;

DO $$
DECLARE
  n       integer;
  address shop.address;
BEGIN
  FOR n IN 1..200 LOOP
    SELECT a.* INTO address
    FROM shop.customer c JOIN shop.address a ON a.customer_id = c.id
    WHERE c.email = format('mock%s@example.com', 1 + n * 7 % 50);
    PERFORM set_config('shop.customer_id', address.customer_id::text, true);
    PERFORM shop.place_order(address.id, jsonb_build_array(
      jsonb_build_object('sku', format('MOCK-%s', lpad((1 + n * 11 % 30)::text, 3, '0')), 'quantity', 1 + n % 3),
      jsonb_build_object('sku', format('MOCK-%s', lpad((1 + n * 13 % 30)::text, 3, '0')), 'quantity', 1)));
  END LOOP;
END
$$;

INSERT INTO shop.visit (session_id, product_id, created_at)
SELECT md5(n::text)::uuid, p.id, timestamptz '2026-01-01 00:00+00' + n * interval '8 hours'
FROM generate_series(1, 1000) AS n
JOIN shop.product p ON p.sku = format('MOCK-%s', lpad((1 + n % 30)::text, 3, '0'));

COMMIT;
