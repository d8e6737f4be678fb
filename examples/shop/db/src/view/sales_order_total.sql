-- What an order costs, VAT included: prices are net, and VAT is that of the country it goes to.
CREATE VIEW shop.sales_order_total AS
SELECT
  o.id AS order_id,
  o.customer_id,
  o.status,
  o.currency_code,
  sum(l.quantity * l.unit_price) AS net,
  round(sum(l.quantity * l.unit_price) * c.vat_rate / 100)::bigint AS vat,
  round(sum(l.quantity * l.unit_price) * (100 + c.vat_rate) / 100)::bigint AS gross
FROM shop.sales_order o
JOIN shop.order_line l ON l.order_id = o.id
JOIN shop.address a ON a.id = o.address_id
JOIN shop.country c ON c.code = a.country_code
GROUP BY o.id, c.vat_rate;
