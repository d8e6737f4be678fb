-- Roles belong to the whole cluster, so another database may have made them already, or be making them now.
DO $$
DECLARE
  role name;
BEGIN
  FOREACH role IN ARRAY ARRAY['shop_staff', 'shop_customer'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
END
$$;
