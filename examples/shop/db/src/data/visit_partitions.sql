-- Fixed, so that every deployment has the same tables; a job in production adds the months to come.
DO $$ BEGIN PERFORM shop.add_visit_partitions('2026-01-01', 12); END $$;
