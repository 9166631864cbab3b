"""What is valid in a crystal, and may not be meant."""

from __future__ import annotations

from pymatgen.core.structure import Structure

from .missing_moments import describe_missing_moments
from .pseudosymmetry import describe_pseudosymmetry


def describe_doubts(bulk: Structure) -> list[str]:
    """Return what a user should think about before slabs are cut from a crystal, a message each.

    :param bulk: as it is to be cut.
    """
    messages = (describe_pseudosymmetry(bulk), describe_missing_moments(bulk))
    return [message for message in messages if message is not None]
