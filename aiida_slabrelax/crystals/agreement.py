"""Whether two readers have found the same crystal in a file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..surfaces.bulk.masses import ISOTOPES
from .content import CrystalData, count_elements, describe_counts

#: Tolerance (Å) for lattice vectors and positions.
DISTANCE = 0.05

#: Tolerance (°) for angles.
ANGLE = 0.2


def describe_difference(one: CrystalData, other: CrystalData) -> str | None:
    """Describe how two crystals differ: lattice, elements, positions modulo the lattice.

    Orientation and duplicated atoms are ignored.

    :returns: the difference, or ``None``.
    """
    first, second = _parameters(one), _parameters(other)
    allowed = np.array([DISTANCE] * 3 + [ANGLE] * 3)
    if not np.all(np.abs(first - second) <= allowed):
        return f'the lattice parameters are {_shown(first)} or {_shown(second)}'
    places, others = _places(one), _places(other)
    if set(places) != set(others):
        counts = [describe_counts(count_elements(data['species'])) for data in (one, other)]
        return f'the atoms are {counts[0]} or {counts[1]}'
    tolerance = DISTANCE / float(first[:3].min())
    for symbol in places:
        if not (
            _are_among(places[symbol], others[symbol], tolerance)
            and _are_among(others[symbol], places[symbol], tolerance)
        ):
            return f'atoms of {symbol} are in different places'
    return None


def _parameters(data: CrystalData) -> NDArray[np.float64]:
    """Return lengths (Å) and angles (°)."""
    vectors = np.array(data['matrix'])
    lengths = np.linalg.norm(vectors, axis=1)
    unit = vectors / lengths[:, None]
    cosines = [unit[1] @ unit[2], unit[2] @ unit[0], unit[0] @ unit[1]]
    return np.concatenate([lengths, np.degrees(np.arccos(np.clip(cosines, -1, 1)))])


def _shown(parameters: NDArray[np.float64]) -> str:
    return ', '.join(f'{length:.4g}' for length in parameters)


def _places(data: CrystalData) -> dict[str, NDArray[np.float64]]:
    """Return the fractional coordinates of the atoms of each element."""
    coordinates = np.array(data['coordinates'], dtype=float)
    if data['cartesian']:
        coordinates = coordinates @ np.linalg.inv(np.array(data['matrix']))
    places: dict[str, list[NDArray[np.float64]]] = {}
    for site, place in zip(data['species'], coordinates % 1.0 % 1.0, strict=True):
        for symbol in site:
            places.setdefault('H' if symbol in ISOTOPES else symbol, []).append(place)
    return {symbol: np.array(several) for symbol, several in places.items()}


def _are_among(some: NDArray[np.float64], others: NDArray[np.float64], tolerance: float) -> bool:
    from scipy.spatial import cKDTree

    distances, _ = cKDTree(others, boxsize=1.0).query(some, p=np.inf)
    return bool(np.all(distances <= tolerance))
