-- Who may unlock the console of a car's box, and to which level. Who may no more stays, with the day:
-- events of cars name what was answered by then.
CREATE TABLE technician (
    name TEXT PRIMARY KEY,
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
    added_s INTEGER NOT NULL,
    removed_s INTEGER
) STRICT, WITHOUT ROWID;

-- Each answer that was given to a box's question. The answer itself is nowhere.
CREATE TABLE console_answer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_s INTEGER NOT NULL,
    who TEXT NOT NULL,
    car TEXT NOT NULL REFERENCES car (id),
    level INTEGER NOT NULL,
    nonce BLOB NOT NULL CHECK (length(nonce) = 8)
) STRICT;

CREATE INDEX answer_of_nonce ON console_answer (car, nonce);

-- Identity of a box that is being put into a car: made once, good beside the one in service until
-- the first HELLO under it. Then it takes that one's place, and the row goes.
CREATE TABLE next_box (
    car TEXT PRIMARY KEY REFERENCES car (id),
    key BLOB NOT NULL CHECK (length(key) = 32),
    password TEXT NOT NULL,
    password_hash BLOB NOT NULL,
    broker_password TEXT NOT NULL,
    is_new_box INTEGER NOT NULL CHECK (is_new_box IN (0, 1)),
    who TEXT NOT NULL,
    made_s INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
