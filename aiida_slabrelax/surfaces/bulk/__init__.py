"""The bulk crystal: its symmetry, the kinds of its atoms, their moments and masses."""
