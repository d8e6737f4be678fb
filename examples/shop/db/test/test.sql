-- What must hold for the database as a whole, as plain assertions: a test passes when it raises no error.
DO $$
DECLARE
  unindexed text;
BEGIN
  ASSERT (SELECT count(*) FROM pg_tables WHERE schemaname = 'shop') >= 11, 'tables are missing';

  -- A foreign key without an index makes every DELETE of what it refers to read the whole table. Few rows refer to what is
  -- immutable or hardly ever deleted.
  SELECT string_agg(format('%s (%s)', c.conrelid::regclass, c.conname), ', ') INTO unindexed
  FROM pg_constraint c
  WHERE c.contype = 'f' AND c.connamespace = 'shop'::regnamespace AND c.confdeltype = 'c'
    AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = ANY (c.conkey));
  ASSERT unindexed IS NULL, 'cascading foreign keys without an index: ' || unindexed;

  -- What customers may read is either the catalogue or under row-level security.
  ASSERT NOT EXISTS (
    SELECT FROM pg_class c
    WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relrowsecurity
      AND has_table_privilege('shop_customer', c.oid, 'SELECT')
      AND c.relname NOT IN ('country', 'currency', 'category', 'product')
  ), 'customers can read a table that has no row-level security';
END
$$;
