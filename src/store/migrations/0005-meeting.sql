CREATE TABLE meeting (
  id             TEXT PRIMARY KEY,
  booking        TEXT NOT NULL UNIQUE REFERENCES booking (id),
  state          TEXT NOT NULL CHECK (state IN ('waiting', 'live', 'cut_off', 'ended')),
  opened_at_us   INTEGER NOT NULL,
  admitted_at_us INTEGER,
  ended_at_us    INTEGER,
  cut_off_at_us  INTEGER,              -- while lawyer and client cannot hear each other
  lost_us        INTEGER NOT NULL DEFAULT 0 CHECK (lost_us >= 0), -- how long that was, all together
  end_reason     TEXT,
  ended_by       TEXT                  -- role
) STRICT;
CREATE INDEX meeting_by_state ON meeting (state);
CREATE TABLE seat (
  id           TEXT PRIMARY KEY,
  meeting      TEXT NOT NULL REFERENCES meeting (id),
  number       INTEGER NOT NULL CHECK (number BETWEEN 0 AND 4),
  role         TEXT NOT NULL CHECK (role IN ('lawyer', 'kiosk')),
  actor        TEXT NOT NULL,          -- account or kiosk id
  name         TEXT NOT NULL,
  token_hash   TEXT UNIQUE,            -- (nullable): whoever bears the token may resume the seat
  state        TEXT NOT NULL CHECK (state IN ('waiting', 'connected', 'admitted', 'dropped', 'left')),
  joined_at_us INTEGER NOT NULL,
  left_at_us   INTEGER,
  quality      INTEGER,
  identity     TEXT NOT NULL,          -- its device's public key, P-256 SubjectPublicKeyInfo in base64
  device       TEXT,                   -- device.id of a lawyer's browser; NULL for a kiosk
  epoch        INTEGER CHECK (epoch BETWEEN 1 AND 4294967295), -- whose keys it holds; NULL: it is not secured
  code         TEXT CHECK (code IN ('same', 'different'))      -- what its person said of that epoch's security code
) STRICT;
CREATE INDEX seat_by_meeting ON seat (meeting);
CREATE UNIQUE INDEX seat_number_once ON seat (meeting, number) WHERE state <> 'left';
CREATE UNIQUE INDEX seat_actor_once ON seat (meeting, actor) WHERE state <> 'left';
CREATE TABLE seat_event (
  seat   TEXT NOT NULL REFERENCES seat (id),
  at_us  INTEGER NOT NULL,
  kind   TEXT NOT NULL CHECK (kind IN ('joined', 'connected', 'admitted', 'dropped', 'resumed', 'silent', 'returned', 'gone', 'left',
                                        'secured', 'code-same', 'code-different'))
) STRICT;
CREATE INDEX seat_event_by_seat ON seat_event (seat, at_us);
CREATE TABLE media_node (              -- up to which event of which run a relay's news is on disk
  node       TEXT PRIMARY KEY,
  boot       TEXT NOT NULL,
  last_event INTEGER NOT NULL
) STRICT;
