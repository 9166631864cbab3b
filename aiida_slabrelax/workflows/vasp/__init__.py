"""One calculation with VASP: the work chain that runs it, and what its inputs must be."""
