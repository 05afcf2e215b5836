-- An alarm may be about the whole fleet (car ''), and a person may clear it: who, and why.

CREATE TABLE alarm_of_all (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    car TEXT NOT NULL,
    booking INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '',
    raised_s INTEGER NOT NULL,
    cleared_s INTEGER,
    cleared_by TEXT NOT NULL DEFAULT '',
    cleared_why TEXT NOT NULL DEFAULT ''
) STRICT;

INSERT INTO alarm_of_all (id, name, car, booking, detail, raised_s, cleared_s)
SELECT id, name, car, booking, detail, raised_s, cleared_s FROM alarm;

DROP TABLE alarm;
ALTER TABLE alarm_of_all RENAME TO alarm;
CREATE UNIQUE INDEX alarm_open ON alarm (name, car, booking, detail) WHERE cleared_s IS NULL;
CREATE INDEX alarm_cleared_by_hand ON alarm (name, car, raised_s) WHERE cleared_by <> '';

-- When this file was copied from a database that was in use; no row in one that was not.
CREATE TABLE backup (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    made_s INTEGER NOT NULL
) STRICT;

-- What the daemon that runs, or ran last, has counted since its start.
CREATE TABLE daemon_count (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a broker keeps to check the car's password; '' for cars of earlier versions.
ALTER TABLE car ADD COLUMN broker_password TEXT NOT NULL DEFAULT '';
