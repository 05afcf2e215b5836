"""One desk: a daemon, a simulated car and a view, as processes that find each other."""
