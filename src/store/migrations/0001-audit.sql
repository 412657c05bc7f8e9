-- The append-only record of acts. Ids only: no names, numbers or content (DESIGN.md 8).
CREATE TABLE audit_entry (
  seq     INTEGER PRIMARY KEY,
  at_us   INTEGER NOT NULL,
  actor   TEXT NOT NULL,              -- account, kiosk or node id; "machine" for the service itself
  role    TEXT NOT NULL,
  act     TEXT NOT NULL,
  object  TEXT,                       -- "booking:ID", "meeting:ID", ...
  booking TEXT,                       -- the booking that it belongs to, so that a meeting's record is one look-up
  result  TEXT NOT NULL CHECK (result IN ('done', 'refused')),
  reason  TEXT,
  detail  TEXT                        -- JSON object with ids, codes, times and numbers
) STRICT;
CREATE INDEX audit_entry_by_booking ON audit_entry (booking, seq);
CREATE INDEX audit_entry_by_object ON audit_entry (object, seq);
CREATE TRIGGER audit_entry_keeps BEFORE UPDATE ON audit_entry
BEGIN SELECT RAISE (ABORT, 'audit entries are never changed'); END;
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
BEGIN SELECT RAISE (ABORT, 'audit entries are never removed'); END;
-- INSERT OR REPLACE would remove a row without asking the trigger above.
CREATE TRIGGER audit_entry_grows BEFORE INSERT ON audit_entry
WHEN EXISTS (SELECT 1 FROM audit_entry WHERE seq = NEW.seq)
BEGIN SELECT RAISE (ABORT, 'audit entries are never replaced'); END;
