"""Reading what VASP has written: the last complete ionic step, and whether it has converged."""
