BEGIN;
\ir ../tap.sql
\ir ../fixture.sql
SELECT tap.plan(9);

SELECT tap.refuses(format($$SELECT shop.place_order(%s, '[{"sku": "TEST-1", "quantity": 1}]')$$, :ada_address), 'P0001',
                   'nobody cannot order');

SET LOCAL shop.customer_id = :ada;
SELECT shop.place_order(:ada_address, '[{"sku": "TEST-1", "quantity": 2}, {"sku": "TEST-2", "quantity": 1}]') AS order_id \gset
SELECT tap.is((SELECT status FROM shop.sales_order WHERE id = :order_id), 'placed', 'an order is placed');
SELECT tap.is((SELECT net FROM shop.sales_order_total WHERE order_id = :order_id), 2250::numeric, 'its net total is right');
SELECT tap.is((SELECT gross FROM shop.sales_order_total WHERE order_id = :order_id), 2678::bigint, 'VAT is that of Germany');
SELECT tap.is((SELECT s.quantity FROM shop.stock s JOIN shop.product p ON p.id = s.product_id WHERE p.sku = 'TEST-1'), 8,
              'the goods are taken from stock');

-- The constraint stock_is_not_negative, and with it the whole order, is refused.
SELECT tap.refuses(format($$SELECT shop.place_order(%s, '[{"sku": "TEST-1", "quantity": 9}]')$$, :ada_address), '23514',
                   'more than there is cannot be ordered');
SELECT tap.is((SELECT count(*) FROM shop.sales_order WHERE customer_id = :ada), 1::bigint, 'and leaves no order behind');

SELECT tap.refuses(format($$SELECT shop.place_order(%s, '[{"sku": "NO-SUCH", "quantity": 1}]')$$, :ada_address), 'P0002',
                   'what is not on sale cannot be ordered');
SELECT tap.refuses(format($$SELECT shop.place_order(%s, '[{"sku": "TEST-1", "quantity": 1}]')$$, :grace_address), '23503',
                   'nor sent to the address of somebody else');

ROLLBACK;
