CREATE TABLE shop.category (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slug      text   NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  name      text   NOT NULL,
  parent_id bigint REFERENCES shop.category CHECK (parent_id <> id)
) INHERITS (hectic.created_at);

CREATE TABLE shop.product (
  id            bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku           text    NOT NULL UNIQUE CHECK (sku ~ '^[A-Z0-9-]+$'),
  name          text    NOT NULL,
  category_id   bigint  NOT NULL REFERENCES shop.category,
  price         bigint  NOT NULL CHECK (price >= 0), -- in the currency's minor unit
  currency_code text    NOT NULL REFERENCES shop.currency,
  is_listed     boolean NOT NULL DEFAULT true
) INHERITS (hectic.created_at, hectic.updated_at);

CREATE INDEX ON shop.product (category_id);

-- Apart from the product, because it changes with every order.
CREATE TABLE shop.stock (
  product_id bigint  PRIMARY KEY REFERENCES shop.product ON DELETE CASCADE,
  quantity   integer NOT NULL CONSTRAINT stock_is_not_negative CHECK (quantity >= 0)
) INHERITS (hectic.created_at, hectic.updated_at);
