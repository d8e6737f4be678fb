-- The extension pgcrypto, whose hmac() payments use, comes with the hectic bundle.
CREATE SCHEMA shop;
GRANT USAGE ON SCHEMA shop TO shop_staff, shop_customer;
