"""Slabs: their geometry, atomic layers, spacings and fixed sites."""
