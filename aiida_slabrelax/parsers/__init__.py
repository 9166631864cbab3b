"""Readers of VASP's output: the last complete ionic step, and whether it has converged."""
