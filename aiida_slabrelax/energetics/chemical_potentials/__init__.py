"""Chemical potentials: their references, where a crystal is stable, and those of a gas."""
