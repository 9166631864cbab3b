"""Crystals in JSON and YAML, read as data: lattices, sites, species, numbers and strings.

pymatgen and ASE make objects of any class that such a file names. Here names of classes are
ignored, as is everything else that a crystal does not need.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from ..surfaces.bulk.moments import plain_moments
from .content import CrystalData, Found, choose

#: The largest size of a file, in bytes after decompression.
MOST_BYTES = 50 * 1024**2

#: Names of files that hold JSON or YAML, as pymatgen knows them.
JSON_NAMES, YAML_NAMES = ('.json', '.mson'), ('.yaml', '.yml')


def holds_data(path: Path) -> bool:
    """Return whether a file has a name of JSON or YAML."""
    return any(ending in path.name.lower() for ending in (*JSON_NAMES, *YAML_NAMES))


def read_data(path: Path, index: int | None = None) -> Found:
    """Return the crystal in a file with JSON or YAML: a structure of pymatgen, or atoms of ASE.

    :param index: which of several atoms of ASE, counted from 0.
    :raises ValueError: if there is none.
    """
    from ase.io.formats import open_with_compression

    with open_with_compression(str(path), 'rb') as file:
        content: bytes = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f'it is larger than {MOST_BYTES // 1024**2} MB')
    try:
        if any(ending in path.name.lower() for ending in JSON_NAMES):
            loaded = json.loads(content)
        else:
            # All scalars are strings, whatever their tags.
            loaded = yaml.load(content, Loader=getattr(yaml, 'CBaseLoader', yaml.BaseLoader))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if not isinstance(loaded, Mapping):
        raise ValueError('it holds no mapping')
    try:
        if 'ids' in loaded:
            crystal = _from_ase(loaded, index)
        else:
            choose(1, index, 'structure')
            crystal = _from_pymatgen(loaded)
    except KeyError as error:
        raise ValueError(f'there is no {error}: it is not what pymatgen or ASE writes') from error
    except (AttributeError, IndexError, OverflowError, RecursionError, TypeError) as error:
        raise ValueError(f'it is not what pymatgen or ASE writes: {error}') from error
    return Found(crystal=crystal, remarks=[], objections=[], reader=None)


def _from_pymatgen(content: Mapping[str, Any]) -> CrystalData:
    for key in ('lattice', 'sites'):
        if key not in content:
            raise ValueError(f'it holds no {key}: it is no structure of pymatgen')
    lattice, sites = content['lattice'], content['sites']
    return CrystalData(
        matrix=_numbers(lattice['matrix'] if 'matrix' in lattice else _matrix(lattice)),
        pbc=[_truth(flag) for flag in lattice.get('pbc', (True, True, True))],
        species=[_species(site['species']) for site in sites],
        coordinates=_numbers([site['abc'] for site in sites]),
        cartesian=False,
        kinds=[_kind(site) for site in sites],
        tags=None,
        masses=None,
        moments=_moments_of_sites(sites),
    )


def _species(shares: Any) -> dict[str, float]:
    """Return the share of each element; oxidation states are ignored."""
    species: dict[str, float] = {}
    for share in shares:
        symbol = str(share['element'])
        species[symbol] = species.get(symbol, 0.0) + _number(share['occu'])
    return species


def _moments_of_sites(sites: Any) -> list[Any] | None:
    """Return the moments of the sites, else the spins of their species."""
    moments = [_moment((site.get('properties') or {}).get('magmom')) for site in sites]
    if all(moment is None for moment in moments):
        moments = [_spin(site['species']) for site in sites]
    return plain_moments(moments)


def _moment(value: Any) -> Any:
    """Return a moment in μB: a number or three of them; an object of pymatgen is a mapping."""
    if isinstance(value, Mapping) and 'data' in value:  # an array of numpy
        value = value['data']
    if isinstance(value, Mapping):
        axis = _moment(value.get('saxis', (0, 0, 1)))
        moment = _moment(value['moment'])
        if isinstance(moment, list) and axis == [0.0, 0.0, 1.0]:
            return moment
        from pymatgen.electronic_structure.core import Magmom

        return Magmom(moment, axis).global_moment.tolist()
    if isinstance(value, list | tuple):
        return [_number(number) for number in value]
    return None if value is None or value in ('null', '~', '') else _number(value)


def _spin(species: Any) -> float | None:
    """Return the spin of the only species of a site, as older and newer pymatgen writes it."""
    if len(species) != 1:
        return None
    properties = species[0].get('properties') or {}
    spin = species[0].get('spin', properties.get('spin') if properties != 'null' else None)
    return None if spin is None or spin == 'null' else _number(spin)


def _kind(site: Mapping[str, Any]) -> str | None:
    kind = (site.get('properties') or {}).get('kind_name')
    if kind is not None and not isinstance(kind, str):
        raise ValueError(f'kind_name is a name, not a {type(kind).__name__}')
    return kind


def _matrix(lattice: Mapping[str, Any]) -> list[list[float]]:
    from pymatgen.core.lattice import Lattice

    names = ('a', 'b', 'c', 'alpha', 'beta', 'gamma')
    made = Lattice.from_parameters(*(_number(lattice[name]) for name in names))
    matrix: list[list[float]] = made.matrix.tolist()
    return matrix


def _from_ase(content: Mapping[str, Any], index: int | None) -> CrystalData:
    """Return the atoms in a file that ASE has written, or those that were chosen."""
    from ase.data import chemical_symbols

    ids = sorted(int(key) for key in content['ids'])
    row = content[str(ids[choose(len(ids), index, 'structures')])]
    numbers = [int(number) for number in _array(row['numbers'])]
    if not all(0 < number < len(chemical_symbols) for number in numbers):
        raise ValueError('there is an atom without an element')
    cell = row.get('cell', [[0.0] * 3] * 3)
    tags, masses = (_array(row[key]) if key in row else None for key in ('tags', 'masses'))
    return CrystalData(
        matrix=_numbers(_array(cell['array'] if isinstance(cell, Mapping) else cell)),
        pbc=[_truth(flag) for flag in _array(row.get('pbc', [False] * 3))],
        species=[{chemical_symbols[number]: 1.0} for number in numbers],
        coordinates=_numbers(_array(row['positions'])),
        cartesian=True,
        kinds=None,
        tags=None if tags is None else [int(tag) for tag in tags],
        masses=None if masses is None else [float(mass) for mass in masses],
        moments=_moments_of_atoms(row),
    )


def _moments_of_atoms(row: Mapping[str, Any]) -> list[Any] | None:
    """Return the moments that a calculation has found, else the initial ones."""
    for key in ('magmoms', 'initial_magmoms'):
        if row.get(key) is not None:
            return plain_moments([_moment(moment) for moment in _array(row[key])])
    return None


def _array(value: Any) -> list[Any]:
    """Return an array as nested lists; ASE writes shape, name of the type, and a flat list."""
    if not isinstance(value, Mapping):
        return list(value)
    shape, _, row = value['__ndarray__']
    sizes, row = [int(size) for size in shape], list(row)
    if min(sizes, default=0) < 0 or math.prod(sizes) != len(row):
        raise ValueError(f'an array of the shape {sizes} has {len(row)} numbers')
    for size in reversed(sizes[1:]):
        row = [row[start : start + size] for start in range(0, len(row), size)] if size else []
    return row


def _numbers(rows: Any) -> list[list[float]]:
    numbers = [[_number(number) for number in row] for row in rows]
    if any(len(row) != 3 for row in numbers):
        raise ValueError('there is a vector that has not three components')
    return numbers


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        # Without its text: a few lines of YAML can expand to an endless list.
        raise ValueError(f'there is a {type(value).__name__} where a number should be')
    try:
        return float(value)
    except (OverflowError, ValueError):
        raise ValueError(f'{str(value)[:50]!r} is no number') from None


def _truth(value: Any) -> bool:
    """Return a truth value; all scalars of YAML are read as strings."""
    return value.lower() == 'true' if isinstance(value, str) else bool(value)
