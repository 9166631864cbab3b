"""What can go wrong in a run of the stand-in."""

from __future__ import annotations


class InputError(Exception):
    """The input is one that VASP, or this stand-in for it, refuses to run."""


class ModelError(Exception):
    """The physical model gave no usable energy or forces for a structure."""
