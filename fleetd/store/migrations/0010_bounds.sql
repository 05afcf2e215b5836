-- A car that is shut out: nothing that it says counts, and nothing is said to it. For good: retired.
ALTER TABLE car ADD COLUMN blocked_s INTEGER;
ALTER TABLE car ADD COLUMN blocked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE car ADD COLUMN blocked_why TEXT NOT NULL DEFAULT '';
ALTER TABLE car ADD COLUMN retired_s INTEGER;

-- What the newest HELLO said of the car's journal: its number, and the next event's.
ALTER TABLE car ADD COLUMN journal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE car ADD COLUMN next_seq INTEGER NOT NULL DEFAULT 1;

-- Numbers beyond all sense, taken from a HELLO before there were bounds: no command could be numbered
-- after them, and a boot of its own that is named in one would seem old for ever.
UPDATE car SET counter = 0 WHERE counter > 2147483647;
UPDATE car SET uptime_s = 0 WHERE uptime_s > 2147483647;
DELETE FROM car_boot WHERE uptime_s > 2147483647;
UPDATE journal SET next_seq = seq + 1 WHERE next_seq > 2147483647;

-- Uses that end before they begin were believed, too: somebody is to look at them.
UPDATE booking SET needs_review = 1 WHERE ended_s < started_s;

-- One alarm may stand for many of a kind.
ALTER TABLE alarm ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
UPDATE alarm SET times = (
    SELECT count(*) FROM alarm AS one
    WHERE one.name = alarm.name AND one.car = alarm.car AND one.cleared_s IS NULL
) WHERE cleared_s IS NULL AND name IN ('journal_replaced', 'events_lost', 'frame_not_taken');
UPDATE alarm SET cleared_s = raised_s, cleared_why = 'counted with the newest'
WHERE cleared_s IS NULL AND name IN ('journal_replaced', 'events_lost', 'frame_not_taken')
AND id < (
    SELECT max(id) FROM alarm AS one
    WHERE one.name = alarm.name AND one.car = alarm.car AND one.cleared_s IS NULL
);
