"""Many cars for many days: the same cars, daemon and watchers as in `simulator.weather`, at the pace of life."""
