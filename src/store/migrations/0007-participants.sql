-- A second lawyer of the same person takes part in a booking (Criminal Procedure Law art. 33: one or two defenders).
CREATE TABLE booking_participant (
  booking     TEXT NOT NULL UNIQUE REFERENCES booking (id), -- one beside the booking's own lawyer
  lawyer      TEXT NOT NULL REFERENCES lawyer (id),
  authority   TEXT NOT NULL REFERENCES authority (id),      -- the participant's own
  added_at_us INTEGER NOT NULL,
  added_by    TEXT NOT NULL                                 -- account
) STRICT;
CREATE INDEX booking_participant_by_lawyer ON booking_participant (lawyer);
-- When a lawyer is taken, by an own booking or as participant: as long as the booking holds its slot.
CREATE VIEW lawyer_taken (lawyer, booking, starts_at_us, ends_at_us) AS
  SELECT s.lawyer, s.booking, s.starts_at_us, b.ends_at_us FROM booking_slot s JOIN booking b ON b.id = s.booking
  UNION ALL
  SELECT p.lawyer, p.booking, s.starts_at_us, b.ends_at_us FROM booking_participant p
    JOIN booking_slot s ON s.booking = p.booking JOIN booking b ON b.id = p.booking;
-- Nobody is in two meetings at once. A booking without a slot has no time that could be free; its own lawyer is taken by it.
CREATE TRIGGER booking_participant_overlaps BEFORE INSERT ON booking_participant
WHEN NOT EXISTS (SELECT 1 FROM booking_slot WHERE booking = NEW.booking)
  OR EXISTS (SELECT 1 FROM booking n JOIN lawyer_taken t ON t.lawyer = NEW.lawyer
             WHERE n.id = NEW.booking AND t.starts_at_us < n.ends_at_us AND t.ends_at_us > n.starts_at_us)
BEGIN SELECT RAISE (ABORT, 'a participation overlaps'); END;
CREATE TRIGGER booking_participant_keeps BEFORE UPDATE ON booking_participant
BEGIN SELECT RAISE (ABORT, 'participants come and go, they do not change'); END;
-- The other way round: whoever takes part somewhere books nothing at that time.
CREATE TRIGGER booking_slot_meets_participation BEFORE INSERT ON booking_slot
WHEN EXISTS (SELECT 1 FROM booking n JOIN lawyer_taken t ON t.lawyer = NEW.lawyer
             WHERE n.id = NEW.booking AND t.starts_at_us < n.ends_at_us AND t.ends_at_us > NEW.starts_at_us)
  OR EXISTS (SELECT 1 FROM booking n JOIN booking_participant p ON p.booking = n.id
             JOIN lawyer_taken t ON t.lawyer = p.lawyer
             WHERE n.id = NEW.booking AND t.starts_at_us < n.ends_at_us AND t.ends_at_us > NEW.starts_at_us)
BEGIN SELECT RAISE (ABORT, 'a participation overlaps'); END;
