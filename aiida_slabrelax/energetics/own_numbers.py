"""Surface energies from total energies, areas and formulas in a CSV file, computed elsewhere.

A line describes a cell; its columns are :data:`COLUMNS`. One line has the role ``bulk``; the others
are ``slab``, ``reference`` (of an element) or ``competing`` (a phase).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pymatgen.core.composition import Composition

from ..surfaces.checks import check_miller_indices, reduce_miller_indices
from ..surfaces.indices import Plane
from .chemical_potentials.stability import StabilityRegion, stability_region
from .errors import NotComparableError
from .phases import Phase, Slab
from .surface_energy import SurfaceEnergy, surface_energy

#: The columns of a file; the last three are for slabs, and only the area is required there.
COLUMNS = (
    'role',
    'label',
    'formula',
    'energy_ev',
    'area_angstrom2',
    'miller_indices',
    'symmetric',
)
_REQUIRED = COLUMNS[:4]
ROLES = ('bulk', 'slab', 'reference', 'competing')

_TRUE, _FALSE = ('', 'yes', 'true', '1'), ('no', 'false', '0')


class NumbersError(ValueError):
    """A file does not contain usable numbers; the message names line and column."""


@dataclass(frozen=True)
class Numbers:
    """The content of a file.

    :ivar bulk: the crystal.
    :ivar slabs: the slabs by label.
    :ivar planes: the Miller indices of each slab, None if not given.
    :ivar references: the references by element.
    :ivar competing: the competing phases by label.
    """

    bulk: Phase
    slabs: Mapping[str, Slab]
    planes: Mapping[str, Plane | None]
    references: Mapping[str, Phase] = field(default_factory=dict)
    competing: Mapping[str, Phase] = field(default_factory=dict)


@dataclass(frozen=True)
class Energies:
    """The surface energies of slabs.

    :ivar surface_energies: by label.
    :ivar refused: by label, why a slab has none.
    :ivar region: where the bulk is stable, None if unknown.
    :ivar without_region: why that is unknown.
    """

    surface_energies: Mapping[str, SurfaceEnergy]
    refused: Mapping[str, str]
    region: StabilityRegion | None
    without_region: str = ''


def read_numbers(text: str) -> Numbers:
    """Read a CSV file; lines that begin with ``#`` and empty lines are ignored.

    :raises NumbersError: if a column is missing or a value is not valid.
    """
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.lstrip().startswith('#')
    ]
    try:
        rows = [next(csv.reader([line], skipinitialspace=True, strict=True)) for _, line in lines]
    except csv.Error as error:
        raise NumbersError(f'it is not CSV: {error}') from error
    if not rows:
        raise NumbersError('it is empty')
    header = [name.strip().lower() for name in rows[0]]
    _check_header(header)
    phases: dict[str, dict[str, Phase]] = {role: {} for role in ROLES}
    planes: dict[str, Plane | None] = {}
    for (number, _), row in zip(lines[1:], rows[1:], strict=True):
        if len(row) > len(header):
            raise NumbersError(f'line {number}: it has {len(row)} values for {len(header)} columns')
        entry = {name: value.strip() for name, value in zip(header, row, strict=False)}
        try:
            role, label, phase = _read_phase(entry)
            if label in phases[role]:
                raise NumbersError(f'label: there are two lines {label!r} with the role {role}')
            if isinstance(phase, Slab):
                planes[label] = _plane(entry.get('miller_indices', ''))
        except (NumbersError, NotComparableError) as error:
            raise NumbersError(f'line {number}: {error}') from error
        phases[role][label] = phase
    if len(phases['bulk']) != 1:
        raise NumbersError(f'one line has the role bulk, here {len(phases["bulk"])} have it')
    slabs = {label: slab for label, slab in phases['slab'].items() if isinstance(slab, Slab)}
    if not slabs:
        raise NumbersError('no line has the role slab')
    (bulk,) = phases['bulk'].values()
    return Numbers(bulk, slabs, planes, _by_element(phases['reference']), phases['competing'])


def surface_energies_of(numbers: Numbers, eliminated: str | None = None) -> Energies:
    """Return the surface energy of each slab, and where the bulk is stable.

    :param eliminated: the element whose chemical potential the bulk fixes.
    :raises NotComparableError: if the bulk does not have this element.
    """
    if eliminated is not None and eliminated not in numbers.bulk.counts:
        raise NotComparableError(
            f'{eliminated} cannot be eliminated: the bulk is {numbers.bulk.formula}.'
        )
    found: dict[str, SurfaceEnergy] = {}
    refused: dict[str, str] = {}
    for label, slab in numbers.slabs.items():
        try:
            found[label] = surface_energy(slab, numbers.bulk, numbers.references, eliminated)
        except NotComparableError as error:
            refused[label] = str(error)
    try:
        region = stability_region(numbers.bulk, numbers.references, numbers.competing, eliminated)
    except NotComparableError as error:
        return Energies(found, refused, None, str(error))
    return Energies(found, refused, region)


def _check_header(header: list[str]) -> None:
    unknown = [name for name in header if name not in COLUMNS]
    missing = [name for name in _REQUIRED if name not in header]
    if unknown or missing or len(set(header)) != len(header):
        problem = (
            f'there is no column {unknown[0]!r}'
            if unknown
            else f'the column {missing[0]} is missing'
            if missing
            else 'a column occurs twice'
        )
        raise NumbersError(f'{problem}; the columns are {", ".join(COLUMNS)}')


def _read_phase(entry: Mapping[str, str]) -> tuple[str, str, Phase]:
    role = entry.get('role', '').lower()
    if role not in ROLES:
        raise NumbersError(f'role: one of {", ".join(ROLES)} is needed, got {role!r}')
    counts = _counts(entry.get('formula', ''))
    energy = _number(entry, 'energy_ev')
    label = entry.get('label', '') or entry.get('formula', '')
    if role != 'slab':
        return role, label, Phase(counts, energy)
    area = _number(entry, 'area_angstrom2')
    return role, label, Slab(counts, energy, area_a2=area, symmetric=_symmetric(entry))


def _counts(formula: str) -> dict[str, int]:
    try:
        amounts = Composition(formula, strict=True).get_el_amt_dict()
    except Exception as error:  # pymatgen raises any exception for text that is not a formula
        raise NumbersError(f'formula: {formula!r} is not the formula of a cell') from error
    if not amounts or any(amount != int(amount) for amount in amounts.values()):
        raise NumbersError(f'formula: {formula!r} must have whole numbers of atoms')
    return {element: int(amount) for element, amount in amounts.items()}


def _number(entry: Mapping[str, str], name: str) -> float:
    try:
        value = float(entry.get(name, ''))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise NumbersError(f'{name}: a number is needed, got {entry.get(name, "")!r}')
    return value


def _symmetric(entry: Mapping[str, str]) -> bool:
    word = entry.get('symmetric', '').lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise NumbersError(f'symmetric: yes or no is needed, got {word!r}')


def _plane(text: str) -> Plane | None:
    if not text:
        return None
    try:
        indices = [int(word) for word in text.strip('()').replace(',', ' ').split()]
    except ValueError:
        raise NumbersError(f'miller_indices: integers are needed, got {text!r}') from None
    if (problem := check_miller_indices(indices)) is not None:
        raise NumbersError(f'miller_indices: {problem}')
    return reduce_miller_indices(indices)


def _by_element(references: Mapping[str, Phase]) -> dict[str, Phase]:
    """Return references by their elements."""
    found: dict[str, Phase] = {}
    for label, element, phase in _elements_of(references):
        if element in found:
            raise NumbersError(f'there are two references of {element}, the second is {label!r}')
        found[element] = phase
    return found


def _elements_of(references: Mapping[str, Phase]) -> Iterator[tuple[str, str, Phase]]:
    for label, phase in references.items():
        if len(phase.counts) != 1:
            raise NumbersError(f'the reference {label!r}, {phase.formula}, is not an element')
        yield label, next(iter(phase.counts)), phase
