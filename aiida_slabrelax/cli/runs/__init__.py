"""Runs: validate inputs, submit, and follow to the end."""
