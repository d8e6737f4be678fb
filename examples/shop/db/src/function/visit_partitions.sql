-- Adds the partitions of shop.visit for so many months from the one that a day is in. Those that are there stay.
CREATE FUNCTION shop.add_visit_partitions(first_day date, months integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $function$
DECLARE
  month date;
BEGIN
  FOR month IN
    SELECT date_trunc('month', first_day)::date + make_interval(months => n) FROM generate_series(0, months - 1) AS n
  LOOP
    EXECUTE format('CREATE TABLE IF NOT EXISTS shop.%I PARTITION OF shop.visit FOR VALUES FROM (%L) TO (%L)',
                   'visit_' || to_char(month, 'YYYY_MM'), month::timestamptz, (month + interval '1 month')::timestamptz);
  END LOOP;
END
$function$;

REVOKE ALL ON FUNCTION shop.add_visit_partitions(date, integer) FROM PUBLIC;
