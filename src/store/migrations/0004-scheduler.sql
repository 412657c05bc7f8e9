CREATE TABLE booking (
  id            TEXT PRIMARY KEY,
  state         TEXT NOT NULL CHECK (state IN ('ASKED', 'REVIEW', 'CONFIRMED', 'CHECKED_IN', 'HELD', 'NOT_HELD', 'CANCELLED')),
  authority     TEXT NOT NULL REFERENCES authority (id),
  lawyer        TEXT NOT NULL REFERENCES lawyer (id),
  detainee      TEXT NOT NULL REFERENCES detainee (id),
  centre        TEXT NOT NULL REFERENCES centre (id),
  room          TEXT REFERENCES room (id),
  starts_at_us  INTEGER,
  ends_at_us    INTEGER,
  asked_at_us   INTEGER NOT NULL,
  asked_by      TEXT NOT NULL,         -- account
  checked_in_at_us INTEGER,
  checked_in_by TEXT,
  taken_out_at_us INTEGER,
  arrived_at_us INTEGER,
  device_check  TEXT,                  -- JSON, coarse
  cancelled_by  TEXT,                  -- role
  cancel_reason TEXT,
  CHECK ((room IS NULL) = (starts_at_us IS NULL)),
  CHECK ((starts_at_us IS NULL) = (ends_at_us IS NULL))
) STRICT;
CREATE INDEX booking_by_lawyer ON booking (lawyer, starts_at_us);
CREATE INDEX booking_by_centre ON booking (centre, starts_at_us);
CREATE INDEX booking_by_room ON booking (room, starts_at_us);
CREATE INDEX booking_by_detainee ON booking (detainee, starts_at_us);
-- A slot is taken by its row: whoever comes second is refused by the schema, in whatever way they come.
CREATE TABLE booking_slot (
  booking      TEXT NOT NULL REFERENCES booking (id),
  room         TEXT NOT NULL REFERENCES room (id),
  starts_at_us INTEGER NOT NULL,
  lawyer       TEXT NOT NULL REFERENCES lawyer (id),
  detainee     TEXT NOT NULL REFERENCES detainee (id),
  UNIQUE (room, starts_at_us),
  UNIQUE (lawyer, starts_at_us),
  UNIQUE (detainee, starts_at_us)
) STRICT;
CREATE INDEX booking_slot_by_booking ON booking_slot (booking);
-- Two slots of different grids (a policy that changed, another centre) may overlap without beginning together. No slot is
-- longer than a day, so that is how far back to look.
CREATE TRIGGER booking_slot_overlaps BEFORE INSERT ON booking_slot
WHEN EXISTS (SELECT 1 FROM booking n JOIN booking_slot s ON s.room = NEW.room JOIN booking b ON b.id = s.booking
             WHERE n.id = NEW.booking AND s.starts_at_us > NEW.starts_at_us - 86400000000
               AND s.starts_at_us < n.ends_at_us AND b.ends_at_us > NEW.starts_at_us)
  OR EXISTS (SELECT 1 FROM booking n JOIN booking_slot s ON s.lawyer = NEW.lawyer JOIN booking b ON b.id = s.booking
             WHERE n.id = NEW.booking AND s.starts_at_us > NEW.starts_at_us - 86400000000
               AND s.starts_at_us < n.ends_at_us AND b.ends_at_us > NEW.starts_at_us)
  OR EXISTS (SELECT 1 FROM booking n JOIN booking_slot s ON s.detainee = NEW.detainee JOIN booking b ON b.id = s.booking
             WHERE n.id = NEW.booking AND s.starts_at_us > NEW.starts_at_us - 86400000000
               AND s.starts_at_us < n.ends_at_us AND b.ends_at_us > NEW.starts_at_us)
BEGIN SELECT RAISE (ABORT, 'a booking overlaps'); END;
-- The statutory clock (Criminal Procedure Law art. 39): starts with the request, is met only when the meeting starts.
CREATE TABLE clock (
  id            TEXT PRIMARY KEY,
  kind          TEXT NOT NULL,
  booking       TEXT NOT NULL REFERENCES booking (id),
  state         TEXT NOT NULL CHECK (state IN ('running', 'met', 'overdue', 'stopped')),
  started_at_us INTEGER NOT NULL,
  due_at_us     INTEGER NOT NULL,
  met_at_us     INTEGER,
  UNIQUE (booking, kind)
) STRICT;
CREATE INDEX clock_running ON clock (due_at_us) WHERE state = 'running';
CREATE TABLE clock_event (
  clock  TEXT NOT NULL REFERENCES clock (id),
  at_us  INTEGER NOT NULL,
  kind   TEXT NOT NULL CHECK (kind IN ('started', 'met', 'reopened', 'overdue', 'stopped')),
  reason TEXT
) STRICT;
CREATE INDEX clock_event_by_clock ON clock_event (clock, at_us);
