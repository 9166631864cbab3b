"""Placeholder until the harness lands."""


def reach(name: str) -> None:
    """Do nothing."""
