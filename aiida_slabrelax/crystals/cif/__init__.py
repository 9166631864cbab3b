"""Crystals in CIFs: their sites, symmetry and moments, and what may be misread."""
