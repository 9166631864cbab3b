"""Charges of layers: polarity, Tasker's types, and slabs without a dipole moment."""
