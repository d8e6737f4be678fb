BEGIN;
\ir ../tap.sql
\ir ../fixture.sql
SET LOCAL shop.customer_id = :ada;
SELECT shop.place_order(:ada_address, '[{"sku": "TEST-1", "quantity": 1}]') AS order_id \gset
SELECT tap.plan(9);

SET LOCAL ROLE shop_customer;
SELECT tap.is((SELECT array_agg(name) FROM shop.customer), ARRAY['Ada'], 'customers see themselves only');
SELECT tap.is((SELECT count(*) FROM shop.sales_order), 1::bigint, 'customers see their orders');
SELECT tap.is((SELECT count(*) FROM shop.order_line), 1::bigint, 'with their lines');
SELECT tap.refuses('UPDATE shop.product SET price = 0', '42501', 'customers change no prices');
SELECT tap.refuses('SELECT * FROM shop.sales_order_total', '42501', 'customers cannot read past the policies through a view');
SELECT tap.refuses($$SELECT hectic.get_secret('PAYMENT_WEBHOOK_KEY')$$, '42501', 'customers read no secrets');

SET LOCAL shop.customer_id = :grace;
SELECT tap.is((SELECT count(*) FROM shop.sales_order), 0::bigint, 'the orders of others are not there');

SET LOCAL shop.customer_id = '';
SELECT tap.is((SELECT count(*) FROM shop.customer), 0::bigint, 'nobody sees nothing');

SET LOCAL ROLE shop_staff;
SELECT tap.ok((SELECT count(*) FROM shop.customer) >= 2, 'staff see all');

ROLLBACK;
