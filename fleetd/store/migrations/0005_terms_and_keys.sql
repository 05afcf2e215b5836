-- What each car goes by (rule 10 of the protocol). A car from before has no row, and goes by what
-- its box was provisioned with.
CREATE TABLE car_terms (
    car TEXT PRIMARY KEY REFERENCES car (id),
    profile TEXT NOT NULL,
    -- JSON: what differs from the profile, and what the car has.
    changes TEXT NOT NULL,
    record BLOB NOT NULL,
    set_s INTEGER NOT NULL,
    -- Since when the record is kept from the car, which did not take it.
    untaken_s INTEGER
) STRICT, WITHOUT ROWID;

-- Who changed what of a car, and when. Nothing secret.
CREATE TABLE car_change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    car TEXT NOT NULL REFERENCES car (id),
    at_s INTEGER NOT NULL,
    who TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX change_of_car ON car_change (car, id);

-- The second slot for a car's key. `key` stays in the first one for ever.
ALTER TABLE car ADD COLUMN key_number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE car ADD COLUMN slot_key BLOB CHECK (length(slot_key) = 32);
ALTER TABLE car ADD COLUMN key_record BLOB;
-- What was in the slot before, until the car was heard under what is in it now.
ALTER TABLE car ADD COLUMN former_key BLOB CHECK (length(former_key) = 32);
-- Under which the car said its last HELLO: 0 key, 1 slot_key, 2 former_key.
ALTER TABLE car ADD COLUMN key_slot INTEGER NOT NULL DEFAULT 0 CHECK (key_slot IN (0, 1, 2));
ALTER TABLE car ADD COLUMN key_made_s INTEGER;
ALTER TABLE car ADD COLUMN key_heard_s INTEGER;
