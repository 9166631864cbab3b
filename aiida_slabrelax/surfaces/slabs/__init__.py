"""Slabs after the cut: their measures, atomic layers and spacings, and their fixed sites."""
