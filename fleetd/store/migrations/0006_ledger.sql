-- The journal as a chain: each event with the hash over it and all before it (docs/journal.md).
-- What is here already is chained in the same transaction, by fleetd/store/ledger_rows.py.

ALTER TABLE event ADD COLUMN hash BLOB NOT NULL DEFAULT x'';

-- The end of each chain, and how many events stood in it when it was last signed.
ALTER TABLE journal ADD COLUMN hash BLOB NOT NULL
    DEFAULT x'0000000000000000000000000000000000000000000000000000000000000000';
ALTER TABLE journal ADD COLUMN events INTEGER NOT NULL DEFAULT 0;
ALTER TABLE journal ADD COLUMN signed_events INTEGER NOT NULL DEFAULT 0;

-- What the daemon has signed: statements about the ends of the chains, a chain themselves.
CREATE TABLE checkpoint (
    number INTEGER PRIMARY KEY CHECK (number > 0),
    at_s INTEGER NOT NULL,
    statement TEXT NOT NULL,
    signature BLOB NOT NULL CHECK (length(signature) = 64)
) STRICT;

-- Whose journal it is, by chance, so that no other fleet's is taken for it.
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    fleet TEXT NOT NULL
) STRICT;

INSERT INTO ledger VALUES (1, lower(hex(randomblob(8))));
