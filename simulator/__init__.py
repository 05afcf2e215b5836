"""The simulated world around the firmware: chips, cars, scenarios, on one virtual clock."""
