"""Cars, network, daemon and disk in bad weather, from one seed: what must hold whatever happens.

`python -m simulator sim --seed 7` plays one seed; docs/simulation.md tells what is modelled.
"""
