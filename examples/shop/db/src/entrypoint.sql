-- The shop's database, from nothing. Files stand in the order in which they need each other; \ir counts from this file.
-- The hectic bundle comes before this file: `database hydrate` applies it, README.md shows how psql does.
\set ON_ERROR_STOP on

BEGIN;
\ir role.sql
\ir schema.sql

\ir table/reference.sql
\ir table/customer.sql
\ir table/catalogue.sql
\ir table/sales.sql
\ir table/visit.sql

\ir function/current_customer.sql
\ir function/place_order.sql
\ir function/payment.sql
\ir function/visit_partitions.sql

\ir view/sales_order_total.sql
\ir view/bestseller.sql
\ir view/low_stock.sql

\ir policy/staff.sql
\ir policy/customer.sql
COMMIT;

\ir data/reference.sql
\ir data/visit_partitions.sql

-- `database hydrate --mock`, or psql -v USE_MOCK=1: enough rows to click through the shop.
\if :{?USE_MOCK}
  \ir data/mock.sql
\endif
