BEGIN;
\ir ../tap.sql
\ir ../fixture.sql
SELECT tap.plan(4);

INSERT INTO shop.visit (session_id, product_id, created_at)
SELECT gen_random_uuid(), p.id, t.at
FROM shop.product p, (VALUES (timestamptz '2026-02-01 00:00+00'), (timestamptz '2031-05-05 12:00+00')) AS t (at)
WHERE p.sku = 'TEST-1';

SELECT tap.is((SELECT count(*) FROM shop.visit_2026_02 v JOIN shop.product p ON p.id = v.product_id WHERE p.sku = 'TEST-1'),
              1::bigint, 'the first second of a month goes to its partition');
SELECT tap.is((SELECT count(*) FROM shop.visit_other v JOIN shop.product p ON p.id = v.product_id WHERE p.sku = 'TEST-1'),
              1::bigint, 'what no month takes is kept');

DO $$ BEGIN PERFORM shop.add_visit_partitions('2027-01-24', 2); END $$;
SELECT tap.ok(to_regclass('shop.visit_2027_02') IS NOT NULL, 'months can be added');
SELECT tap.refuses($$CREATE TABLE shop.click (id bigint) PARTITION BY RANGE (id)$$, '42P16',
                   'a partitioned table without created_at is refused');

ROLLBACK;
