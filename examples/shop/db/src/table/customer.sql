CREATE TABLE shop.customer (
  id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text   NOT NULL CHECK (email ~ '^[^@\s]+@[^@\s]+$'),
  name  text   NOT NULL CHECK (name <> '')
) INHERITS (hectic.created_at, hectic.updated_at);

CREATE UNIQUE INDEX customer_email_key ON shop.customer (lower(email));

CREATE TABLE shop.address (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id  bigint NOT NULL REFERENCES shop.customer ON DELETE CASCADE,
  street       text   NOT NULL,
  city         text   NOT NULL,
  postal_code  text   NOT NULL,
  country_code text   NOT NULL REFERENCES shop.country,
  UNIQUE (id, customer_id) -- so that an order can refer to an address of its own customer, and no other
) INHERITS (hectic.created_at, hectic.updated_at);

CREATE INDEX ON shop.address (customer_id);
