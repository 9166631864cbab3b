"""Inputs checked, submitted and followed to their end."""
