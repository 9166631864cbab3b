"""Crystals as they are given: their symmetry, and the kinds of their atoms."""
