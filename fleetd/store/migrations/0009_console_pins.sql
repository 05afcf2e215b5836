-- Each PIN that was told for a staff card at the console of a car's box: for one card, car and day in
-- Japan. The PIN itself is nowhere.
CREATE TABLE console_pin (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_s INTEGER NOT NULL,
    who TEXT NOT NULL,
    car TEXT NOT NULL REFERENCES car (id),
    day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
    identifier BLOB NOT NULL CHECK (length(identifier) = 8)
) STRICT;

CREATE INDEX pin_of_card ON console_pin (car, identifier, day);
