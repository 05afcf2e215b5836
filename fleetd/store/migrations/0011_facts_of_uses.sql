-- What the distance of a use rests on, and what its end was warned of (END-2). A source of NULL: not
-- told, by a use of before this column or a car that does not say it.
ALTER TABLE booking ADD COLUMN start_odometer_source TEXT CHECK (
    start_odometer_source IN ('pulses', 'positions', 'none')
);
ALTER TABLE booking ADD COLUMN end_odometer_source TEXT CHECK (
    end_odometer_source IN ('pulses', 'positions', 'none')
);
ALTER TABLE booking ADD COLUMN end_lights_on INTEGER NOT NULL DEFAULT 0;
ALTER TABLE booking ADD COLUMN end_window_open INTEGER NOT NULL DEFAULT 0;
