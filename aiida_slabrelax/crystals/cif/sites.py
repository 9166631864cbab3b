"""The sites that a CIF lists: their elements, and what is missing or doubtful."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...surfaces.bulk.masses import ISOTOPES
from ..content import NoCrystalError

#: Values of a CIF that mean unknown or not applicable.
NOTHING = ('?', '.', '')

_COORDINATES = ('_atom_site_fract_x', '_atom_site_fract_y', '_atom_site_fract_z')


@dataclass
class Sites:
    """The sites of a CIF that hold atoms.

    :ivar labels: their names.
    :ivar elements: their elements.
    :ivar coordinates: as written in the file, without standard deviations.
    :ivar occupancies: 0 to 1; larger ones are kept, to be refused later.
    :ivar spins: of each site in μB, as pymatgen writes it with the element (``Ni2+,spin=2``).
    :ivar rows: the indices of their rows in the file.
    :ivar guessed: sites with ambiguous names, and the element chosen.
    :ivar remarks: on how they were read, a sentence each.
    :ivar objections: why they may be misread.
    """

    labels: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    coordinates: list[tuple[str, str, str]] = field(default_factory=list)
    occupancies: list[float] = field(default_factory=list)
    spins: list[float | None] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    objections: list[str] = field(default_factory=list)


def read_sites(tags: dict[str, Any]) -> Sites:
    """Read the sites of a CIF.

    :param tags: those of a block, their names in lower case.
    :raises NoCrystalError: if a site is not an atom of an element, or a value is not a number.
    """
    names = tags.get('_atom_site_label') or tags.get('_atom_site_type_symbol') or []
    columns = [_column(tags, name, len(names)) for name in _COORDINATES]
    types = _column(tags, '_atom_site_type_symbol', len(names))
    symbols = [text.partition(',')[0] for text in types]
    occupancies = _column(tags, '_atom_site_occupancy', len(names))
    flags = _column(tags, '_atom_site_calc_flag', len(names))
    sites = Sites()
    left_out: dict[str, list[str]] = {'dummy': [], 'nowhere': [], 'empty': []}
    for row, label in enumerate(names):
        occupancy = _number(occupancies[row], label, 'an occupancy')
        texts = [re.sub(r'\(.*', '', column[row]).strip() for column in columns]
        if flags[row].lower() == 'dum':
            left_out['dummy'].append(label)
        elif occupancy == 0:
            left_out['empty'].append(label)
        elif any(text in NOTHING for text in texts):
            left_out['nowhere'].append(label)
        else:
            by_label = symbols[row] in NOTHING
            element, sure = element_of_label(label) if by_label else element_of_type(symbols[row])
            if element is None:
                raise NoCrystalError(
                    f'the site {label} is of the type {label if by_label else symbols[row]!r}, '
                    'which is no element'
                )
            if not sure:
                sites.guessed.append(f'{label} as {element}')
            for text in texts:
                _number(text, label, 'a coordinate')
            sites.labels.append(label)
            sites.elements.append(element)
            sites.coordinates.append((texts[0], texts[1], texts[2]))
            sites.occupancies.append(1.0 if occupancy is None else occupancy)
            sites.spins.append(_number(types[row].partition(',spin=')[2], label, 'a spin'))
            sites.rows.append(row)
    if left_out['empty']:
        sites.remarks.append(f'sites with the occupancy 0 are left out: {some(left_out["empty"])}')
    if left_out['dummy']:
        sites.objections.append(f'it has dummy sites: {some(left_out["dummy"])}')
    if left_out['nowhere']:
        sites.objections.append(f'sites have no coordinates: {some(left_out["nowhere"])}')
    sites.objections += _find_missing(tags, names, sites)
    return sites


def _find_missing(tags: dict[str, Any], names: list[str], sites: Sites) -> Iterator[str]:
    """Yield objections: atoms that are declared but not placed, or alternatives of each other."""
    attached = _column(tags, '_atom_site_attached_hydrogens', len(names))
    numbers = {
        name: _number(text, name, 'a number') for name, text in zip(names, attached, strict=True)
    }
    if with_hydrogen := [f'{name} ({n:g})' for name, n in numbers.items() if n]:
        yield f'hydrogen atoms are attached to sites, but not placed: {some(with_hydrogen)}'
    groups = _column(tags, '_atom_site_disorder_group', len(names))
    assemblies = _column(tags, '_atom_site_disorder_assembly', len(names))
    seen: dict[str, set[str]] = {}
    for row in sites.rows:
        if groups[row] not in (*NOTHING, '0'):
            seen.setdefault(assemblies[row], set()).add(groups[row])
    for several in seen.values():
        if len(several) > 1 or any(group.startswith('-') for group in several):
            yield f'sites stand for each other (disorder groups {", ".join(sorted(several))})'


def element_of_type(text: str) -> tuple[str | None, bool]:
    """Return the element for a type of atoms, and whether it is certain.

    Charges and numbers are ignored: ``Fe3+``, ``FE``, ``O1A``. ``CO`` may be a group.
    """
    match = re.fullmatch(r'([A-Za-z]{1,2})(\d+[A-Za-z]?|[\d.]*[+-]*[\d.]*)', text)
    if match is None or not _is_element(symbol := match[1].capitalize()):
        return None, False
    return symbol, not _is_ambiguous(match[1])


def element_of_label(text: str) -> tuple[str | None, bool]:
    """Return the element that the name of a site begins with, and whether it is certain.

    What follows is a name: ``SiT1``, ``OA``, ``O_1``. Water and hydroxide (``Wat``, ``OH``) are not
    certain, nor is ``CA``; ``Vac`` is not an element.
    """
    match = re.match(r'[A-Z][a-z]?', text)
    if match is None or re.match(r'[A-Z][a-z]{2}', text):
        return None, False
    if re.match(r'[OH][wW]', text):
        return text[0], False
    begin = text[:2] if _is_ambiguous(text[:2]) else match[0]
    symbol = begin.capitalize()
    return (
        (symbol, begin == match[0] and text[:2] != 'OH') if _is_element(symbol) else (None, False)
    )


def _is_ambiguous(letters: str) -> bool:
    """Return whether two capital letters may be one element or two."""
    return (
        len(letters) == 2
        and letters.isupper()
        and _is_element(letters.capitalize())
        and _is_element(letters[0])
    )


def _is_element(symbol: str) -> bool:
    from pymatgen.core.periodic_table import Element

    return symbol in ISOTOPES or Element.is_valid_symbol(symbol)


def _column(tags: dict[str, Any], name: str, length: int) -> list[str]:
    """Return a column of the loop of sites; if it is missing, its values are unknown."""
    column = tags.get(name, ['?'] * length)
    if isinstance(column, str):
        column = [column]
    if len(column) != length:
        raise NoCrystalError(f'{name} has {len(column)} values for {length} sites')
    return [str(value).strip() for value in column]


def _number(text: str, label: str, what: str) -> float | None:
    if text in NOTHING:
        return None
    try:
        return float(re.sub(r'\(.*', '', text))
    except ValueError as error:
        raise NoCrystalError(f'{text[:30]!r} of the site {label} is not {what}') from error


def some(names: list[str]) -> str:
    """Return the first names of many, and how many more there are."""
    return ', '.join(names[:5]) + (f' and {len(names) - 5} more' if len(names) > 5 else '')
