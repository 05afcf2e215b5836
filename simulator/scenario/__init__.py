"""Stories of one car: read, played on simulated time, checked, reported."""
