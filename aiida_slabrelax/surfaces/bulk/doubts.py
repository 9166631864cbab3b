"""What is valid in a crystal, but perhaps not intended."""

from __future__ import annotations

from pymatgen.core.structure import Structure

from .missing_moments import describe_missing_moments
from .pseudosymmetry import describe_pseudosymmetry


def describe_doubts(bulk: Structure) -> list[str]:
    """Return messages on what a user should consider before slabs are cut from a crystal.

    :param bulk: the crystal to be cut.
    """
    messages = (describe_pseudosymmetry(bulk), describe_missing_moments(bulk))
    return [message for message in messages if message is not None]
