-- Staff see and change everything but what is immutable anyway.
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO shop_staff;
GRANT INSERT, UPDATE, DELETE ON
  shop.customer, shop.address, shop.category, shop.product, shop.stock, shop.sales_order, shop.order_line, shop.payment
TO shop_staff;
