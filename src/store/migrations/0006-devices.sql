CREATE TABLE device (                  -- the key of a lawyer's browser
  id            TEXT PRIMARY KEY,
  account       TEXT NOT NULL REFERENCES account (id),
  name          TEXT NOT NULL,
  public_key    BLOB NOT NULL,         -- P-256 SubjectPublicKeyInfo, DER
  state         TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'removed')),
  added_at_us   INTEGER NOT NULL,
  seen_at_us    INTEGER,               -- took a seat last
  removed_at_us INTEGER,
  CHECK ((state = 'removed') = (removed_at_us IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX device_key_once ON device (public_key) WHERE state = 'active';
CREATE INDEX device_by_account ON device (account, state);
