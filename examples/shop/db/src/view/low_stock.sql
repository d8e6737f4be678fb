CREATE VIEW shop.low_stock AS
SELECT p.sku, p.name, s.quantity
FROM shop.product p
JOIN shop.stock s ON s.product_id = p.id
WHERE p.is_listed AND s.quantity < 5;
