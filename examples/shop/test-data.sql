-- What every developer starts with; `database patch` applies it, and may do so again.
BEGIN;

INSERT INTO shop.category (slug, name) VALUES ('tea', 'Tea'), ('cups', 'Cups') ON CONFLICT DO NOTHING;

INSERT INTO shop.product (sku, name, category_id, price, currency_code)
SELECT p.sku, p.name, c.id, p.price, 'EUR'
FROM (VALUES
  ('TEA-1', 'Darjeeling, first flush', 'tea', 1490),
  ('TEA-2', 'Sencha', 'tea', 990),
  ('CUP-1', 'Cup, glazed', 'cups', 2200)
) AS p (sku, name, category, price)
JOIN shop.category c ON c.slug = p.category
ON CONFLICT DO NOTHING;

INSERT INTO shop.stock (product_id, quantity)
SELECT id, 20 FROM shop.product WHERE sku IN ('TEA-1', 'TEA-2', 'CUP-1')
ON CONFLICT DO NOTHING;

INSERT INTO shop.customer (email, name) VALUES
  ('ada@example.com', 'Ada'),
  ('grace@example.com', 'Grace')
ON CONFLICT DO NOTHING;

INSERT INTO shop.address (customer_id, street, city, postal_code, country_code)
SELECT c.id, a.street, a.city, a.postal_code, a.country_code
FROM (VALUES
  ('ada@example.com', 'Rue de la Paix 1', 'Paris', '75002', 'FR'),
  ('grace@example.com', 'Hafenstraße 2', 'Hamburg', '20457', 'DE')
) AS a (email, street, city, postal_code, country_code)
JOIN shop.customer c ON c.email = a.email
WHERE NOT EXISTS (SELECT FROM shop.address WHERE customer_id = c.id);

COMMIT;
