"""Runs: their inputs are checked, and they are submitted and followed to their end."""
