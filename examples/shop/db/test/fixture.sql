-- Two customers with an address each, and two products with stock. Sets ada, grace, ada_address as variables of psql.
INSERT INTO shop.category (slug, name) VALUES ('test-goods', 'Test goods');

INSERT INTO shop.product (sku, name, category_id, price, currency_code)
SELECT p.sku, p.name, c.id, p.price, 'EUR'
FROM (VALUES ('TEST-1', 'One', 1000), ('TEST-2', 'Two', 250)) AS p (sku, name, price), shop.category c
WHERE c.slug = 'test-goods';

INSERT INTO shop.stock (product_id, quantity) SELECT id, 10 FROM shop.product WHERE sku IN ('TEST-1', 'TEST-2');

INSERT INTO shop.customer (email, name) VALUES ('ada@test.example', 'Ada') RETURNING id AS ada \gset
INSERT INTO shop.customer (email, name) VALUES ('grace@test.example', 'Grace') RETURNING id AS grace \gset

INSERT INTO shop.address (customer_id, street, city, postal_code, country_code)
VALUES (:ada, 'First Street 1', 'Berlin', '10115', 'DE') RETURNING id AS ada_address \gset
INSERT INTO shop.address (customer_id, street, city, postal_code, country_code)
VALUES (:grace, 'Second Street 2', 'Paris', '75002', 'FR') RETURNING id AS grace_address \gset
