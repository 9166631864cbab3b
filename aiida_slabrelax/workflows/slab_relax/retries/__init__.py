"""Slabs that have failed are run again: with a cure in the same run, or by a new run."""
