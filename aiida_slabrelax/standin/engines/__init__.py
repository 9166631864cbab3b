"""Engines behind the stand-in: calculators of ASE that other packages provide."""
