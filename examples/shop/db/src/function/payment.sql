-- Whether a message comes from the payment provider: its signature is the HMAC-SHA-256 of the payload, in hexadecimal.
-- The key is a secret of the bundle, which only this function's owner can read; without it nothing is genuine.
CREATE FUNCTION shop.payment_is_genuine(payload text, signature text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
RETURN coalesce(
  encode(public.hmac(payload, hectic.get_secret('PAYMENT_WEBHOOK_KEY'), 'sha256'), 'hex') = lower(signature),
  false
);

REVOKE ALL ON FUNCTION shop.payment_is_genuine(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION shop.payment_is_genuine(text, text) TO shop_staff;
