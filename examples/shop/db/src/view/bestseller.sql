CREATE VIEW shop.bestseller AS
SELECT
  p.sku,
  p.name,
  sum(l.quantity) AS sold,
  rank() OVER (ORDER BY sum(l.quantity) DESC) AS rank
FROM shop.product p
JOIN shop.order_line l ON l.product_id = p.id
JOIN shop.sales_order o ON o.id = l.order_id AND o.status <> 'cancelled'
GROUP BY p.id;
