"""The names of terminations in tables and figures: the outermost layers of their faces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def name_faces(termination: Mapping[str, Any], layers: int = 2) -> str | None:
    """Return the outermost layers, such as ``O2/Ag``, of both faces if they differ: ``Ag | O2``.

    :param termination: the data of a slab, with the keys of
        :func:`~aiida_slabrelax.surfaces.describe_termination`.
    :param layers: the number of layers of each face.
    :returns: None if the faces are unknown.
    """
    faces = [termination.get(face) for face in ('top', 'bottom')]
    if not all(faces):
        return None
    names = [_outermost(face or (), layers) for face in faces]
    return names[0] if termination.get('symmetric') else ' | '.join(names)


def _outermost(face: Sequence[Sequence[Any]], layers: int) -> str:
    return '/'.join(str(layer[0]) for layer in face[:layers])
