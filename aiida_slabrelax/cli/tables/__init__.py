"""The printed tables of slabs, terminations and surface energies."""
