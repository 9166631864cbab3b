"""Ports, what is passed to them, and builders that show them."""
