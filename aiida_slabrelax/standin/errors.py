"""The errors of a run of the stand-in."""

from __future__ import annotations


class InputError(Exception):
    """VASP, or this stand-in for it, refuses to run the input."""


class ModelError(Exception):
    """The physical model gave no usable energy or forces for a structure."""
