"""Slabs are relaxed with a cheaper engine before VASP, and those far too high are left out."""
