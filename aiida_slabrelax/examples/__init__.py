"""Durable workflows to read, to run, and to begin one's own with.

They lie in the package so that any daemon can import them.
"""
