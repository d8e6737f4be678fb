-- Customers read the catalogue, and of the rest what is theirs. They write through functions only.
GRANT SELECT ON shop.country, shop.currency, shop.category, shop.product TO shop_customer;
GRANT SELECT ON shop.customer, shop.address, shop.sales_order, shop.order_line, shop.payment TO shop_customer;

ALTER TABLE shop.customer    ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.address     ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.sales_order ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.order_line  ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.payment     ENABLE ROW LEVEL SECURITY;

CREATE POLICY staff ON shop.customer    TO shop_staff USING (true);
CREATE POLICY staff ON shop.address     TO shop_staff USING (true);
CREATE POLICY staff ON shop.sales_order TO shop_staff USING (true);
CREATE POLICY staff ON shop.order_line  TO shop_staff USING (true);
CREATE POLICY staff ON shop.payment     TO shop_staff USING (true);

CREATE POLICY own ON shop.customer    FOR SELECT TO shop_customer USING (id = shop.current_customer_id());
CREATE POLICY own ON shop.address     FOR SELECT TO shop_customer USING (customer_id = shop.current_customer_id());
CREATE POLICY own ON shop.sales_order FOR SELECT TO shop_customer USING (customer_id = shop.current_customer_id());

-- These two see the orders as the customer does, so that the rule above is stated once.
CREATE POLICY own ON shop.order_line  FOR SELECT TO shop_customer
  USING (EXISTS (SELECT FROM shop.sales_order o WHERE o.id = order_id));
CREATE POLICY own ON shop.payment     FOR SELECT TO shop_customer
  USING (EXISTS (SELECT FROM shop.sales_order o WHERE o.id = order_id));
