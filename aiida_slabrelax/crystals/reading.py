"""Crystals from untrusted files: read as data and within limits; doubtful ones are refused."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from ase import Atoms
from pymatgen.core.lattice import Lattice
from pymatgen.core.periodic_table import Element
from pymatgen.core.structure import Structure

from ..surfaces import KIND_NAME
from ..surfaces.bulk.kinds import MOMENT, kind_names, name_kinds
from ..surfaces.bulk.masses import ISOTOPES, name_isotope, set_masses
from ..surfaces.bulk.moments import NonCollinearError, along_one_axis, tell_moments_apart
from .agreement import describe_difference
from .content import CrystalData, Found
from .formats import read_content, read_second
from .limited import LimitedError, LimitReachedError, run_limited

#: Moments within this angle (°) of an axis count as collinear with it.
_CANTED = 0.1

#: CPU time (s) allowed for the second reader.
_SECONDS = 3


class CrystalFileError(ValueError):
    """A file cannot be read as a crystal that slabs can be cut from."""


class DoubtfulCrystalError(CrystalFileError):
    """A file can be read, but its crystal is doubtful; ``read_anyway`` accepts it."""


class CrystalFileWarning(UserWarning):
    """What a user should know about how a file was read."""


@dataclass(frozen=True)
class Reading:
    """What was read from a file.

    :ivar structure: the crystal; the site property ``kind_name`` distinguishes kinds of an element.
        If it has magnetic moments, ``magmom`` is that of each site in μB, and atoms of an element
        with different ones are different kinds: ``Ni1`` up, ``Ni2`` down.
    :ivar masses: in u, of kinds with another mass than their element, such as D.
    :ivar remarks: what a user should know about how the file was read, a sentence each.
    """

    structure: Structure
    masses: dict[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def read_crystal(
    path: str | Path,
    *,
    elements: Sequence[str] | None = None,
    index: int | None = None,
    read_anyway: bool = False,
) -> Structure:
    """Return the crystal in a file, as :func:`read_file`; its remarks are warnings.

    :raises CrystalFileError: if it cannot be read, or not reliably.
    """
    reading = read_file(path, elements=elements, index=index, read_anyway=read_anyway)
    for remark in reading.remarks:
        warnings.warn(f'{path}: {remark}', CrystalFileWarning, stacklevel=2)
    return reading.structure


def read_file(
    path: str | Path,
    *,
    elements: Sequence[str] | None = None,
    index: int | None = None,
    read_anyway: bool = False,
) -> Reading:
    """Read a crystal from a file of any format that pymatgen or ASE reads.

    :param elements: the elements, in order, for a file that does not name them (a POSCAR of VASP 4,
        types of LAMMPS).
    :param index: which of several structures in the file, counted from 0; -1 is the last.
    :param read_anyway: accept a doubtful crystal: atoms that are declared but not placed, a formula
        that does not match, guessed elements, readers that disagree, magnetic moments that are not
        collinear and therefore ignored. Objections become remarks.
    :raises DoubtfulCrystalError: if there are objections.
    :raises CrystalFileError: if there is no such file, if it cannot be read, if it contains several
        structures and none was chosen, or if the crystal is not ordered.
    """
    _check_arguments(elements, index)
    try:
        found: Found = run_limited(
            read_content, str(path), None if elements is None else list(elements), index
        )
    except (LimitedError, ValueError) as error:
        raise CrystalFileError(f'{path} cannot be read as a crystal: {_line(error)}') from error
    moments, leaning, doubted = _order(found['crystal'])
    compared, differences = _compare_readers(path, index, found)
    objections = [*found['objections'], *doubted, *differences]
    if objections and not read_anyway:
        raise DoubtfulCrystalError(
            f'{path} may mean another crystal than is read from it: {"; ".join(objections)}. If it '
            'is right as it is read, give read_anyway=True'
        )
    structure, masses = _with_kinds(found['crystal'])
    if moments is not None:
        structure, masses = _with_moments(structure, masses, moments)
    return Reading(structure, masses, tuple(found['remarks'] + leaning + compared + objections))


def _check_arguments(elements: Sequence[str] | None, index: int | None) -> None:
    """Check the arguments on how to read a file.

    :raises CrystalFileError: if they are not valid.
    """
    if isinstance(elements, str):
        raise CrystalFileError(f'elements: a list of symbols is needed, not {elements!r}')
    for symbol in elements or ():
        if symbol not in ISOTOPES and not Element.is_valid_symbol(symbol):
            raise CrystalFileError(f'elements: there is no element {symbol!r}')
    if index is not None and (isinstance(index, bool) or not isinstance(index, int)):
        raise CrystalFileError(f'index: an integer is needed, not {index!r}')


def _line(error: Exception) -> str:
    line = ' '.join(str(error).split()) or type(error).__name__
    return line if len(line) <= 700 else f'{line[:699]}…'


def _compare_readers(
    path: str | Path, index: int | None, found: Found
) -> tuple[list[str], list[str]]:
    """Compare with ASE, which knows most formats of pymatgen.

    :returns: a remark if ASE takes too long; an objection if it finds another crystal.
    """
    if found['reader'] != 'pymatgen':
        return [], []
    try:
        second: Found = run_limited(read_second, str(path), index, seconds=_SECONDS)
    except LimitReachedError as error:
        return [f'only pymatgen has read it, not ASE: {error}'], []
    except (LimitedError, ValueError):
        return [], []  # it cannot read the format or this file
    difference = describe_difference(found['crystal'], second['crystal'])
    return [], [f'pymatgen and ASE disagree: {difference}'] if difference else []


def _order(content: CrystalData) -> tuple[list[float] | None, list[str], list[str]]:
    """Return the moments (μB) along one axis, with remarks and objections."""
    given = content['moments']
    if given is None:
        return None, [], []
    if len(given) != len(content['species']):
        sites = len(content['species'])
        return None, [], [f'it has {len(given)} magnetic moments for {sites} sites']
    if not any(isinstance(moment, list) for moment in given):
        return given, [], []
    try:
        moments, leaning = along_one_axis(given)
    except NonCollinearError as error:
        return None, [], [f'{error}; slabs can be cut without them only']
    if leaning < _CANTED:
        return moments, [], []
    remark = f'its magnetic moments lean by up to {leaning:.1f}°; they are taken for up or down'
    return moments, [remark], []


def _with_moments(
    structure: Structure, masses: dict[str, float], moments: list[float]
) -> tuple[Structure, dict[str, float]]:
    """Return a structure in which atoms with different moments are different kinds.

    :param masses: of kinds, in u; returned by the new names of kinds.
    """
    before = kind_names(structure)
    structure.add_site_property(MOMENT, moments)
    magnetic = tell_moments_apart(structure)
    after = kind_names(magnetic)
    pairs = dict(zip(after, before, strict=True))
    return magnetic, {new: masses[old] for new, old in pairs.items() if old in masses}


def _with_kinds(content: CrystalData) -> tuple[Structure, dict[str, float]]:
    """Return the structure, and the masses of kinds with other masses than their elements.

    Kinds keep their names in the file. Without names, tags and masses define them, with the names
    of aiida-core; D and T keep their own.
    """
    identities = _identities(content)
    given = content['kinds'] or []
    kinds: list[Any] = list(given)
    if not given or not all(given):
        kinds = name_kinds((_stem(symbol, mass), tag, mass) for symbol, tag, mass in identities)
    masses = {
        str(kind): mass
        for kind, (_, _, mass) in zip(kinds, identities, strict=True)
        if mass and mass == mass  # no NaN
    }
    named = bool(given) or content['tags'] is not None or masses
    a, b, c = content['pbc']
    structure = Structure(
        Lattice(content['matrix'], pbc=(a, b, c)),
        [symbol for symbol, _, _ in identities],
        content['coordinates'],
        coords_are_cartesian=content['cartesian'],
        site_properties={KIND_NAME: kinds} if named and all(kinds) else None,
    )
    set_masses(structure, masses)
    return structure, masses


def _identities(content: CrystalData) -> list[tuple[str, int, float]]:
    """Return element, tag and mass (u) of each site; 0 is the mass of the element."""
    count = len(content['species'])
    tags, masses = content['tags'] or [0] * count, content['masses'] or [0.0] * count
    identities = []
    for (symbol,), tag, mass in zip(content['species'], tags, masses, strict=True):
        element = 'H' if symbol in ISOTOPES else symbol
        # Elements without a stable isotope may have no mass (NaN), which does not equal itself.
        own = round(float(np.nan_to_num(mass)), 3) or ISOTOPES.get(symbol, 0.0)
        usual = round(float(np.nan_to_num(Atoms(element).get_masses()[0])), 3)
        identities.append((element, tag, 0.0 if own == usual else own))
    return identities


def _stem(symbol: str, mass: float) -> str:
    """Return the beginning of the name of a kind; for H with the mass of D or T, D or T."""
    return name_isotope(mass) or symbol if symbol == 'H' else symbol
