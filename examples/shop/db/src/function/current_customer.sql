-- Who is shopping: the application says it once a transaction, SET LOCAL shop.customer_id = '42'. NULL when nobody is.
CREATE FUNCTION shop.current_customer_id() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('shop.customer_id', true), '')::bigint;
