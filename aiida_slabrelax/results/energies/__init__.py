"""Surface energies: of a run, at several thicknesses, from own numbers."""
