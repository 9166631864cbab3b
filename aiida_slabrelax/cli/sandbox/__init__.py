"""An AiiDA of its own, with the stand-in for VASP."""
