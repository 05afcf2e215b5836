"""The desk page: a car's feed in the browser, on this machine only."""
