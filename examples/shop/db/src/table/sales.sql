CREATE TYPE shop.order_status AS ENUM ('placed', 'paid', 'shipped', 'cancelled');

CREATE TABLE shop.sales_order (
  id            bigint            GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id   bigint            NOT NULL REFERENCES shop.customer,
  address_id    bigint            NOT NULL,
  currency_code text              NOT NULL REFERENCES shop.currency,
  status        shop.order_status NOT NULL DEFAULT 'placed',
  FOREIGN KEY (address_id, customer_id) REFERENCES shop.address (id, customer_id)
) INHERITS (hectic.created_at, hectic.updated_at);

CREATE INDEX ON shop.sales_order (customer_id);

CREATE TABLE shop.order_line (
  order_id   bigint  NOT NULL REFERENCES shop.sales_order ON DELETE CASCADE,
  product_id bigint  NOT NULL REFERENCES shop.product,
  quantity   integer NOT NULL CHECK (quantity > 0),
  unit_price bigint  NOT NULL CHECK (unit_price >= 0), -- at the time of the order
  PRIMARY KEY (order_id, product_id)
) INHERITS (hectic.created_at);

CREATE INDEX ON shop.order_line (product_id);

CREATE TABLE shop.payment (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id  bigint NOT NULL UNIQUE REFERENCES shop.sales_order,
  amount    bigint NOT NULL CHECK (amount > 0),
  reference text   NOT NULL UNIQUE -- the payment provider's
) INHERITS (hectic.created_at);
