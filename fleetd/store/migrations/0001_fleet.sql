-- Times are Unix seconds. Cars are 12 hex digits, as on the wire.

CREATE TABLE fleet (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    profile TEXT NOT NULL,
    created_s INTEGER NOT NULL
) STRICT;

-- People. A password is never here, only what checks it.

CREATE TABLE account (
    id TEXT PRIMARY KEY,
    salt BLOB NOT NULL,
    hash BLOB NOT NULL,
    must_change INTEGER NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    failed_s INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE token (
    hash BLOB PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    expires_s INTEGER NOT NULL
) STRICT;

CREATE TABLE member (
    id TEXT PRIMARY KEY REFERENCES account (id) CHECK (length(id) = 8),
    name TEXT NOT NULL,
    mail TEXT NOT NULL,
    added_s INTEGER NOT NULL
) STRICT;

CREATE TABLE driver (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE REFERENCES account (id) CHECK (length(id) = 11),
    member TEXT NOT NULL REFERENCES member (id),
    name TEXT NOT NULL,
    mail TEXT NOT NULL,
    licence_until TEXT NOT NULL DEFAULT '',
    added_s INTEGER NOT NULL
) STRICT;

CREATE TABLE card (
    identifier BLOB PRIMARY KEY CHECK (length(identifier) = 8),
    driver INTEGER NOT NULL UNIQUE REFERENCES driver (number),
    added_s INTEGER NOT NULL
) STRICT;

CREATE TABLE staff_card (
    identifier BLOB PRIMARY KEY CHECK (length(identifier) = 8),
    staff INTEGER NOT NULL,
    name TEXT NOT NULL
) STRICT;

-- Cars, and what each of them has to know: the records, and the log that made them.

CREATE TABLE car (
    id TEXT PRIMARY KEY CHECK (length(id) = 12),
    name TEXT NOT NULL,
    key BLOB NOT NULL CHECK (length(key) = 32),
    password_hash BLOB NOT NULL,
    gen INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    hash BLOB NOT NULL,
    base_rev INTEGER NOT NULL,
    base_hash BLOB NOT NULL,
    behind_s INTEGER,
    revoked_s INTEGER,
    boot BLOB NOT NULL DEFAULT x'',
    uptime_s INTEGER NOT NULL DEFAULT 0,
    heard_s INTEGER NOT NULL DEFAULT 0,
    counter INTEGER NOT NULL DEFAULT 0,
    said_gen INTEGER NOT NULL DEFAULT 0,
    said_rev INTEGER NOT NULL DEFAULT 0,
    is_known INTEGER NOT NULL DEFAULT 0,
    settled_s INTEGER NOT NULL DEFAULT 0,
    added_s INTEGER NOT NULL
) STRICT;

-- What a car said last in each of its boots: a HELLO from before that is late or replayed.
CREATE TABLE car_boot (
    car TEXT NOT NULL REFERENCES car (id),
    boot BLOB NOT NULL,
    uptime_s INTEGER NOT NULL,
    gen INTEGER NOT NULL,
    rev INTEGER NOT NULL,
    heard_s INTEGER NOT NULL,
    PRIMARY KEY (car, boot)
) STRICT, WITHOUT ROWID;

CREATE TABLE car_record (
    car TEXT NOT NULL REFERENCES car (id),
    op INTEGER NOT NULL,
    ident BLOB NOT NULL,
    record BLOB NOT NULL,
    rev INTEGER NOT NULL,
    put_s INTEGER NOT NULL,
    since_s INTEGER,
    booking INTEGER,
    PRIMARY KEY (car, op, ident)
) STRICT, WITHOUT ROWID;

CREATE INDEX record_of_booking ON car_record (booking) WHERE booking IS NOT NULL;

CREATE TABLE car_log (
    car TEXT NOT NULL REFERENCES car (id),
    rev INTEGER NOT NULL,
    op INTEGER NOT NULL,
    record BLOB NOT NULL,
    hash BLOB NOT NULL,
    at_s INTEGER NOT NULL,
    PRIMARY KEY (car, rev)
) STRICT, WITHOUT ROWID;

CREATE TABLE telemetry (
    car TEXT PRIMARY KEY REFERENCES car (id),
    at_s INTEGER NOT NULL,
    battery_mv INTEGER NOT NULL,
    odometer_m INTEGER NOT NULL,
    latitude_udeg INTEGER,
    longitude_udeg INTEGER,
    received_s INTEGER NOT NULL
) STRICT;

-- Bookings.

CREATE TABLE booking (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    car TEXT NOT NULL REFERENCES car (id),
    driver INTEGER NOT NULL REFERENCES driver (number),
    starts_s INTEGER NOT NULL,
    ends_s INTEGER NOT NULL CHECK (ends_s > starts_s),
    status TEXT NOT NULL CHECK (
        status IN ('booked', 'in_use', 'ended', 'reopened', 'over', 'cancelled')
    ),
    changes INTEGER NOT NULL DEFAULT 0,
    extensions INTEGER NOT NULL DEFAULT 0,
    window_until_s INTEGER NOT NULL DEFAULT 0,
    made_s INTEGER NOT NULL,
    cancelled_s INTEGER,
    cancel_percent INTEGER,
    started_s INTEGER,
    ended_s INTEGER,
    start_odometer_m INTEGER,
    end_odometer_m INTEGER,
    end_latitude_udeg INTEGER,
    end_longitude_udeg INTEGER,
    needs_review INTEGER NOT NULL DEFAULT 0,
    warned_s INTEGER
) STRICT;

CREATE INDEX booking_of_car ON booking (car, status, starts_s);
CREATE INDEX booking_of_driver ON booking (driver, status, starts_s);
CREATE INDEX booking_to_come ON booking (status, starts_s);

-- What was asked for under a caller's key, so that asking again does nothing twice.
CREATE TABLE request (
    account TEXT NOT NULL REFERENCES account (id),
    key TEXT NOT NULL,
    what TEXT NOT NULL,
    booking INTEGER NOT NULL REFERENCES booking (id),
    PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

-- What happened in the cars: each event once.

CREATE TABLE journal (
    car TEXT NOT NULL REFERENCES car (id),
    journal INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    next_seq INTEGER NOT NULL,
    first_s INTEGER NOT NULL,
    PRIMARY KEY (car, journal)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    car TEXT NOT NULL,
    journal INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    code INTEGER NOT NULL,
    at_s INTEGER NOT NULL,
    clock_was_trusted INTEGER NOT NULL,
    booking INTEGER NOT NULL,
    body BLOB NOT NULL,
    received_s INTEGER NOT NULL,
    PRIMARY KEY (car, journal, seq),
    FOREIGN KEY (car, journal) REFERENCES journal (car, journal)
) STRICT, WITHOUT ROWID;

CREATE INDEX event_of_booking ON event (booking) WHERE booking <> 0;

-- Numbers that will never come: the car said so (gap), or this database lost them (lost).
CREATE TABLE missing_events (
    car TEXT NOT NULL,
    journal INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL CHECK (last_seq >= first_seq),
    why TEXT NOT NULL CHECK (why IN ('gap', 'lost')),
    noted_s INTEGER NOT NULL,
    PRIMARY KEY (car, journal, first_seq),
    FOREIGN KEY (car, journal) REFERENCES journal (car, journal)
) STRICT, WITHOUT ROWID;

-- What the phone asked the cars to do.

CREATE TABLE command (
    id BLOB PRIMARY KEY CHECK (length(id) = 8),
    driver TEXT NOT NULL REFERENCES driver (id),
    key TEXT NOT NULL,
    car TEXT NOT NULL REFERENCES car (id),
    booking INTEGER NOT NULL REFERENCES booking (id),
    verb INTEGER NOT NULL,
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
    UNIQUE (driver, key)
) STRICT;

CREATE INDEX command_pending ON command (car) WHERE status = 'pending';

-- What has to leave: mails, written with the change that they tell of.

CREATE TABLE mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    account TEXT NOT NULL REFERENCES account (id),
    address TEXT NOT NULL,
    booking INTEGER REFERENCES booking (id),
    content TEXT NOT NULL DEFAULT '{}',
    at_s INTEGER NOT NULL,
    sent_s INTEGER
) STRICT;

CREATE INDEX mail_unsent ON mail (id) WHERE sent_s IS NULL;

CREATE TABLE alarm (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    car TEXT NOT NULL REFERENCES car (id),
    booking INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '',
    raised_s INTEGER NOT NULL,
    cleared_s INTEGER
) STRICT;

CREATE UNIQUE INDEX alarm_open ON alarm (name, car, booking, detail) WHERE cleared_s IS NULL;
