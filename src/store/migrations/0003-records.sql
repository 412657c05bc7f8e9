CREATE TABLE centre (
  id      TEXT PRIMARY KEY,
  code    TEXT NOT NULL UNIQUE,        -- GA 300.1: 9 digits
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  zone    TEXT NOT NULL DEFAULT 'Asia/Shanghai'
) STRICT;
CREATE TABLE policy (                  -- a centre's rules, versioned; the newest effective one holds
  centre            TEXT NOT NULL REFERENCES centre (id),
  version           INTEGER NOT NULL,
  effective_from_us INTEGER NOT NULL,
  document          TEXT NOT NULL,     -- JSON
  PRIMARY KEY (centre, version)
) STRICT;
CREATE TABLE room (
  id      TEXT PRIMARY KEY,
  centre  TEXT NOT NULL REFERENCES centre (id),
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  open    INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1)),
  UNIQUE (centre, name_zh)
) STRICT;
CREATE TABLE kiosk (
  id                  TEXT PRIMARY KEY,
  room                TEXT NOT NULL REFERENCES room (id),
  name                TEXT NOT NULL,
  state               TEXT NOT NULL CHECK (state IN ('invited', 'enrolled', 'approved', 'retired')),
  token_hash          TEXT UNIQUE,     -- of the one-time enrolment token
  token_expires_at_us INTEGER,
  public_key          BLOB,            -- P-256 SubjectPublicKeyInfo, DER
  enrolled_at_us      INTEGER,
  approved_at_us      INTEGER,         -- an administrator compared the key's fingerprint
  online              INTEGER NOT NULL DEFAULT 0 CHECK (online IN (0, 1)),
  seen_at_us          INTEGER
) STRICT;
CREATE UNIQUE INDEX kiosk_one_per_room ON kiosk (room) WHERE state <> 'retired';
CREATE TABLE firm (
  id   TEXT PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,           -- GB 32100: 18 characters, law firms begin with 31
  name TEXT NOT NULL
) STRICT;
CREATE TABLE lawyer (
  id        TEXT PRIMARY KEY,
  licence   TEXT NOT NULL UNIQUE,      -- 17 digits (old cards 12)
  name      TEXT NOT NULL,
  id_number TEXT,                      -- GB 11643
  firm      TEXT NOT NULL REFERENCES firm (id),
  kind      TEXT NOT NULL CHECK (kind IN ('full_time', 'part_time', 'public', 'company', 'legal_aid', 'military'))
) STRICT;
CREATE TABLE lawyer_status (
  lawyer  TEXT NOT NULL REFERENCES lawyer (id),
  status  TEXT NOT NULL CHECK (status IN ('practising', 'suspended', 'cancelled', 'revoked', 'transferring')),
  from_us INTEGER NOT NULL,
  to_us   INTEGER,
  PRIMARY KEY (lawyer, from_us, status)
) STRICT;
CREATE TABLE person (
  id        TEXT PRIMARY KEY,
  name      TEXT NOT NULL,
  sex       TEXT CHECK (sex IN ('m', 'f')),
  born      TEXT,                      -- YYYY-MM-DD
  id_kind   TEXT NOT NULL CHECK (id_kind IN ('id_card', 'passport', 'unknown')),
  id_number TEXT,
  UNIQUE (id_kind, id_number)
) STRICT;
CREATE TABLE case_file (
  id                  TEXT PRIMARY KEY,
  key                 TEXT NOT NULL UNIQUE,   -- the source's own key
  charge              TEXT NOT NULL,
  stage               TEXT NOT NULL CHECK (stage IN ('investigation', 'prosecution', 'first_instance', 'second_instance', 'death_review', 'execution')),
  unit                TEXT,
  permission_required INTEGER NOT NULL DEFAULT 0 CHECK (permission_required IN (0, 1))
) STRICT;
CREATE TABLE case_identifier (
  case_file TEXT NOT NULL REFERENCES case_file (id),
  kind      TEXT NOT NULL CHECK (kind IN ('police', 'procuratorate', 'first_instance', 'second_instance', 'review', 'remand')),
  number    TEXT NOT NULL,
  org       TEXT,
  PRIMARY KEY (case_file, kind, number)
) STRICT;
CREATE TABLE case_link (               -- separately handled, factually related: both directions are written
  case_file TEXT NOT NULL REFERENCES case_file (id),
  related   TEXT NOT NULL REFERENCES case_file (id),
  PRIMARY KEY (case_file, related)
) STRICT;
CREATE TABLE case_link_said (          -- which of two linked cases says so: a link goes when neither does any more
  case_file TEXT NOT NULL REFERENCES case_file (id),
  related   TEXT NOT NULL REFERENCES case_file (id),
  PRIMARY KEY (case_file, related)
) STRICT;
CREATE TABLE case_person (             -- suspects and defendants of a case
  case_file TEXT NOT NULL REFERENCES case_file (id),
  person    TEXT NOT NULL REFERENCES person (id),
  PRIMARY KEY (case_file, person)
) STRICT;
CREATE INDEX case_person_by_person ON case_person (person);
CREATE TABLE detainee (                -- one stay of a person in one centre
  id             TEXT PRIMARY KEY,
  code           TEXT NOT NULL UNIQUE, -- GA 300.3: 21 digits
  person         TEXT NOT NULL REFERENCES person (id),
  centre         TEXT NOT NULL REFERENCES centre (id),
  case_file      TEXT NOT NULL REFERENCES case_file (id),
  state          TEXT NOT NULL CHECK (state IN ('in_custody', 'temporarily_out', 'transferred', 'released', 'died', 'escaped')),
  admitted_at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX detainee_by_person ON detainee (person);
CREATE TABLE custody_event (
  id       TEXT PRIMARY KEY,
  key      TEXT NOT NULL UNIQUE,       -- the source's own key
  detainee TEXT NOT NULL REFERENCES detainee (id),
  kind     TEXT NOT NULL,
  at_us    INTEGER NOT NULL,
  place    TEXT
) STRICT;
CREATE INDEX custody_event_by_detainee ON custody_event (detainee, at_us);
CREATE TABLE authority (               -- 委托 / 指派: a lawyer may act for a person in a case
  id            TEXT PRIMARY KEY,
  key           TEXT NOT NULL UNIQUE,  -- the source's own key
  lawyer        TEXT NOT NULL REFERENCES lawyer (id),
  person        TEXT NOT NULL REFERENCES person (id),
  case_file     TEXT NOT NULL REFERENCES case_file (id),
  kind          TEXT NOT NULL CHECK (kind IN ('retained_by_self', 'retained_by_relative', 'legal_aid', 'duty')),
  principal     TEXT,
  relationship  TEXT,
  signed_at_us  INTEGER NOT NULL,
  revoked_at_us INTEGER
) STRICT;
CREATE INDEX authority_by_lawyer ON authority (lawyer);
CREATE INDEX authority_by_person ON authority (person);
CREATE TABLE authority_stage (         -- a power of attorney holds for the stages that it names
  authority TEXT NOT NULL REFERENCES authority (id),
  stage     TEXT NOT NULL,
  PRIMARY KEY (authority, stage)
) STRICT;
CREATE TABLE paper (
  authority  TEXT NOT NULL REFERENCES authority (id),
  kind       TEXT NOT NULL CHECK (kind IN ('licence', 'firm_letter', 'power_of_attorney', 'legal_aid_letter')),
  number     TEXT,
  sha256     TEXT NOT NULL,
  issued_on  TEXT NOT NULL,            -- YYYY-MM-DD
  valid_to   TEXT,
  PRIMARY KEY (authority, kind)
) STRICT;
CREATE TABLE permission (              -- the investigator's permission to meet (Criminal Procedure Law art. 39)
  id        TEXT PRIMARY KEY,
  key       TEXT NOT NULL UNIQUE,
  lawyer    TEXT NOT NULL REFERENCES lawyer (id),
  person    TEXT NOT NULL REFERENCES person (id),
  case_file TEXT NOT NULL REFERENCES case_file (id),
  state     TEXT NOT NULL CHECK (state IN ('requested', 'granted', 'refused')),
  at_us     INTEGER NOT NULL
) STRICT;
CREATE INDEX permission_by_case ON permission (case_file, person, lawyer);
CREATE TABLE record_version (          -- what a source said last: the same hash again changes nothing
  kind    TEXT NOT NULL,
  key     TEXT NOT NULL,
  source  TEXT NOT NULL,
  version INTEGER NOT NULL,
  hash    TEXT NOT NULL,
  id      TEXT NOT NULL,               -- our id of the record, where the source's key is found
  at_us   INTEGER NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT;
CREATE TABLE import (                  -- how far a file got, so that it resumes
  file_hash     TEXT PRIMARY KEY,
  lines_done    INTEGER NOT NULL,
  applied       INTEGER NOT NULL,
  unchanged     INTEGER NOT NULL,
  refused       INTEGER NOT NULL,
  warned        INTEGER NOT NULL,
  started_at_us INTEGER NOT NULL,
  seen_at_us    INTEGER NOT NULL,
  finished_at_us INTEGER               -- after the last line
) STRICT;
