CREATE TABLE account (
  id             TEXT PRIMARY KEY,
  name           TEXT NOT NULL UNIQUE,
  display_name   TEXT NOT NULL,
  role           TEXT NOT NULL CHECK (role IN ('lawyer', 'desk', 'administrator', 'supervisor')),
  scope          TEXT NOT NULL DEFAULT 'centres' CHECK (scope IN ('centres', 'all')),
  lawyer         TEXT UNIQUE,          -- lawyer.id for role lawyer
  password_hash  TEXT NOT NULL,        -- argon2id PHC string
  state          TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
  created_at_us  INTEGER NOT NULL,
  password_at_us INTEGER NOT NULL,
  CHECK ((role = 'lawyer') = (lawyer IS NOT NULL))
) STRICT;
CREATE TABLE account_centre (
  account TEXT NOT NULL REFERENCES account (id),
  centre  TEXT NOT NULL,
  PRIMARY KEY (account, centre)
) STRICT;
CREATE TABLE session (
  token_hash    TEXT PRIMARY KEY,      -- SHA-256 of the cookie
  account       TEXT NOT NULL REFERENCES account (id),
  created_at_us INTEGER NOT NULL,
  seen_at_us    INTEGER NOT NULL,
  expires_at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX session_by_account ON session (account);
CREATE TABLE login_failure (           -- delays guessing: per account name and per address
  subject    TEXT PRIMARY KEY,         -- hash of "account:NAME" or "address:IP"
  failures   INTEGER NOT NULL,
  last_at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE ticket (                  -- opens the signalling socket, once, for 60 s
  token_hash    TEXT PRIMARY KEY,
  account       TEXT NOT NULL REFERENCES account (id),
  purpose       TEXT NOT NULL CHECK (purpose IN ('join', 'follow')),
  booking       TEXT,
  expires_at_us INTEGER NOT NULL
) STRICT;
CREATE TABLE inbox (                   -- Idempotency-Key: the first outcome answers again
  account       TEXT NOT NULL,
  key           TEXT NOT NULL,
  request_hash  TEXT NOT NULL,
  answer        TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  PRIMARY KEY (account, key)
) STRICT;
