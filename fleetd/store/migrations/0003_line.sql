-- How cars come to the daemon that runs or ran last, and what is wrong with that.

CREATE TABLE line (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    way TEXT NOT NULL,
    trouble TEXT NOT NULL,
    since_s INTEGER NOT NULL
) STRICT;
