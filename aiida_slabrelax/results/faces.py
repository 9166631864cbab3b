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


def name_lost(faces: Mapping[str, Mapping[str, int]]) -> str:
    """Return the neighbours that atoms have lost, on each face if they differ.

    :param faces: numbers by the elements of the atom and of the neighbour, of ``top`` and
        ``bottom``.

    >>> name_lost({'top': {'Ag-O': 4, 'O-Ag': 2}, 'bottom': {'Ag-O': 4, 'O-Ag': 2}})
    'Ag-O 4, O-Ag 2'
    >>> name_lost({'top': {'P-O': 1}, 'bottom': {}})
    'P-O 1 | none'
    """
    names = [
        ', '.join(f'{pair} {number}' for pair, number in faces[face].items()) or 'none'
        for face in ('top', 'bottom')
    ]
    return names[0] if names[0] == names[1] else ' | '.join(names)


def _outermost(face: Sequence[Sequence[Any]], layers: int) -> str:
    return '/'.join(str(layer[0]) for layer in face[:layers])
