"""The daemon's own code as the centre of a simulation, in simulated time and in memory."""
