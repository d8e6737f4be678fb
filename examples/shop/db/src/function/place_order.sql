-- Places an order of the current customer and takes its goods from stock, all or nothing.
--   lines: [{"sku": "TEA-1", "quantity": 2}, …]; returns the order's id.
-- SECURITY DEFINER, because customers have no right to write: this is the one way for them.
CREATE FUNCTION shop.place_order(address_id bigint, lines jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
  customer constant bigint := shop.current_customer_id();
  new_order_id bigint;
  missing text;
BEGIN
  IF customer IS NULL THEN
    RAISE EXCEPTION 'no customer is shopping' USING HINT = 'SET LOCAL shop.customer_id = ''…''';
  END IF;

  SELECT string_agg(line.sku, ', ' ORDER BY line.sku) INTO missing
  FROM jsonb_to_recordset(lines) AS line (sku text)
  WHERE NOT EXISTS (SELECT FROM shop.product p WHERE p.sku = line.sku AND p.is_listed);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'not on sale: %', missing USING ERRCODE = 'no_data_found';
  END IF;

  INSERT INTO shop.sales_order (customer_id, address_id, currency_code)
  SELECT customer, place_order.address_id, min(p.currency_code)
  FROM jsonb_to_recordset(lines) AS line (sku text) JOIN shop.product p ON p.sku = line.sku
  HAVING count(DISTINCT p.currency_code) = 1
  RETURNING id INTO new_order_id;
  IF new_order_id IS NULL THEN
    RAISE EXCEPTION 'an order needs goods, all of one currency' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  INSERT INTO shop.order_line (order_id, product_id, quantity, unit_price)
  SELECT new_order_id, p.id, sum(line.quantity), p.price
  FROM jsonb_to_recordset(lines) AS line (sku text, quantity integer) JOIN shop.product p ON p.sku = line.sku
  GROUP BY p.id;

  -- In the order of the products, so that two orders at once wait for each other and never deadlock.
  PERFORM FROM shop.stock s WHERE s.product_id IN (SELECT l.product_id FROM shop.order_line l WHERE l.order_id = new_order_id)
  ORDER BY s.product_id FOR UPDATE;
  UPDATE shop.stock s SET quantity = s.quantity - l.quantity
  FROM shop.order_line l
  WHERE l.order_id = new_order_id AND s.product_id = l.product_id;

  RETURN new_order_id;
END
$function$;

REVOKE ALL ON FUNCTION shop.place_order(bigint, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shop.place_order(bigint, jsonb) TO shop_customer;
