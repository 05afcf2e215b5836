-- What came of an enrolment that a car has opened (ENROL-1), beside the answer to its command.
ALTER TABLE command ADD COLUMN enrolment TEXT CHECK (
    enrolment IN ('open', 'registered', 'time_over', 'card_of_somebody_else', 'card_replaced_since')
);
ALTER TABLE command ADD COLUMN enrol_until_s INTEGER;
-- Of the card only the digits that people are told.
ALTER TABLE command ADD COLUMN card TEXT;

-- Since when the car says that it is being serviced (STAFF-CAR-1).
ALTER TABLE car ADD COLUMN maintenance_since_s INTEGER;
