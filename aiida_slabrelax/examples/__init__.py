"""Durable workflows to read, to run, and to start your own from.

They are in the package so that any daemon can import them.
"""
