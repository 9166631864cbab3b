"""Terminations from the symmetry of the crystal, as integer arithmetic of its layers."""
