"""A separate AiiDA profile with the stand-in for VASP."""
