-- What the world defines. Immutable: rows only change in migrations.

CREATE TABLE shop.country (
  code     text          PRIMARY KEY CHECK (code ~ '^[A-Z]{2}$'), -- ISO 3166-1 alpha-2
  name     text          NOT NULL UNIQUE,
  vat_rate numeric(4, 2) NOT NULL CHECK (vat_rate BETWEEN 0 AND 50) -- percent
) INHERITS (hectic.created_at, hectic.immutable);

CREATE TABLE shop.currency (
  code   text     PRIMARY KEY CHECK (code ~ '^[A-Z]{3}$'), -- ISO 4217
  name   text     NOT NULL UNIQUE,
  digits smallint NOT NULL CHECK (digits BETWEEN 0 AND 4) -- of the minor unit: 2 means that 100 cents make one
) INHERITS (hectic.created_at, hectic.immutable);
