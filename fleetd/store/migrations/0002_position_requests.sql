-- A command may be the operator's own, about no booking: who asks a car where it is, and why (POS-1).
-- SQLite cannot loosen a column, so the table is made anew.

CREATE TABLE command_of_all (
    id BLOB PRIMARY KEY CHECK (length(id) = 8),
    driver TEXT REFERENCES driver (id),
    key TEXT,
    car TEXT NOT NULL REFERENCES car (id),
    booking INTEGER REFERENCES booking (id),
    verb INTEGER NOT NULL,
    who TEXT,
    why TEXT,
    status TEXT NOT NULL CHECK (status IN ('pending', 'accepted', 'refused', 'unknown')),
    made_s INTEGER NOT NULL,
    expires_s INTEGER NOT NULL,
    boot BLOB,
    sent_s INTEGER,
    ended_s INTEGER,
    reasons TEXT NOT NULL DEFAULT '[]',
    warnings TEXT NOT NULL DEFAULT '[]',
    locked INTEGER,
    blocked INTEGER,
    UNIQUE (driver, key),
    -- Either a driver's, about a booking, or the operator's with who and why.
    CHECK (
        CASE WHEN driver IS NULL
            THEN key IS NULL AND booking IS NULL AND who IS NOT NULL AND why IS NOT NULL
            ELSE key IS NOT NULL AND booking IS NOT NULL AND who IS NULL AND why IS NULL
        END
    )
) STRICT;

INSERT INTO command_of_all (
    id, driver, key, car, booking, verb, status, made_s, expires_s, boot, sent_s, ended_s,
    reasons, warnings, locked, blocked
) SELECT
    id, driver, key, car, booking, verb, status, made_s, expires_s, boot, sent_s, ended_s,
    reasons, warnings, locked, blocked
FROM command;

DROP TABLE command;
ALTER TABLE command_of_all RENAME TO command;
CREATE INDEX command_pending ON command (car) WHERE status = 'pending';
