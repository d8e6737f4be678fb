-- One row a look at a product, by month. A partitioned table cannot inherit, so it carries created_at itself.
CREATE TABLE shop.visit (
  session_id uuid        NOT NULL,
  product_id bigint      NOT NULL REFERENCES shop.product ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (session_id, product_id, created_at)
) PARTITION BY RANGE (created_at);

CREATE INDEX ON shop.visit (product_id, created_at);
CREATE TABLE shop.visit_other PARTITION OF shop.visit DEFAULT;
