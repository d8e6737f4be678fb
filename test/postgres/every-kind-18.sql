-- What PostgreSQL 15 to 18 added to it.
SET search_path = shop, public;
CREATE EXTENSION btree_gist;
CREATE TABLE shop.version_18 (
  room int CONSTRAINT room_is_known NOT NULL,
  during tstzrange,
  twice int GENERATED ALWAYS AS (room * 2) VIRTUAL,
  UNIQUE NULLS NOT DISTINCT (room),
  PRIMARY KEY (room, during WITHOUT OVERLAPS)
);
CREATE TABLE shop.stay (
  room int, during tstzrange,
  FOREIGN KEY (room, PERIOD during) REFERENCES shop.version_18 (room, PERIOD during)
);
ALTER TABLE shop.stay ADD CONSTRAINT said NOT NULL room NOT VALID;
ALTER TABLE shop.stay ADD CONSTRAINT hoped CHECK (room > 0) NOT ENFORCED;
CREATE VIEW shop.invoked WITH (security_invoker) AS SELECT room FROM shop.stay;
CREATE COLLATION shop.builtin (provider = builtin, locale = 'C.UTF-8');
CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA shop;
CREATE PUBLICATION of_rows FOR TABLE shop.stay (room) WHERE (room > 5) WITH (publish_generated_columns = stored);
GRANT MAINTAIN ON shop.stay TO pg_monitor;
