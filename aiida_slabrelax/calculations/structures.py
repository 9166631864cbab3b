"""Conversion between StructureData and pymatgen that keeps the kinds.

aiida-core's own conversion builds new kinds: masses are lost, and kinds of the same element are
distinguished only if their names are kept as a site property.
"""

from typing import Any, TypeAlias

import numpy as np
from aiida.common.constants import elements
from aiida.orm import StructureData, to_aiida_type
from aiida.orm.nodes.data.structure import Kind, Site
from ase import Atoms
from ase.data import atomic_masses, atomic_numbers
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import IStructure, Structure

from ..engine.damaged import reads_node
from ..parsers.kinds import check_moments, moments_of, set_moments
from ..surfaces import KIND_NAME, check_bulk
from ..surfaces.bulk.ase_atoms import moments_of_atoms
from ..surfaces.bulk.kinds import MOMENT, kind_names, moments_of_kinds
from ..surfaces.bulk.masses import isotopes_as_kinds, masses_of, set_masses
from ..surfaces.bulk.moments import tell_moments_apart

#: A kind whose mass (u) differs by less from that of its element has no mass of its own.
MASS_TOLERANCE = 0.005

#: The types that are accepted for a crystal or a slab.
AnyStructure: TypeAlias = StructureData | Atoms | IStructure


def as_structure_data(structure: AnyStructure, name: str) -> StructureData:
    """Return a crystal or slab as a node; a node is returned as it is.

    Atoms with different magnetic moments are different kinds.

    :param structure: a node, ASE atoms (whose tags and masses make kinds) or a pymatgen structure
        (whose site property ``kind_name`` does).
    :param name: its name in messages.
    :raises TypeError: if it is none of these.
    :raises ValueError: if aiida-core cannot store it, or its moments are not collinear.
    """
    if isinstance(structure, StructureData):
        return structure
    try:
        if isinstance(structure, Atoms):
            return _with_moments(StructureData(ase=structure), moments_of_atoms(structure))
        if isinstance(structure, IStructure):
            return _from_pymatgen(Structure.from_sites(structure, properties=structure.properties))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f'{name}: {error}') from error
    raise TypeError(
        f'{name} must be a StructureData, ASE atoms or a pymatgen structure, got '
        f'{type(structure).__name__}'
    )


def to_structure(value: Any) -> Any:
    """Return the crystal of a port as a node; other values as AiiDA's own conversion does.

    :raises ValueError: if aiida-core cannot store the crystal, or its moments are not collinear.
    """
    if isinstance(value, Atoms | IStructure):
        return as_structure_data(value, '`bulk_structure`')
    return to_aiida_type(value)


def _from_pymatgen(structure: Structure) -> StructureData:
    """Return a node whose kinds have the masses and the magnetic moments of the structure."""
    structure = tell_moments_apart(isotopes_as_kinds(structure))
    node = StructureData(pymatgen=structure)
    masses, kinds, sites = masses_of(structure), node.kinds, node.sites
    if masses:
        node.clear_kinds()  # and the sites with them
        for kind in kinds:
            kind.mass = masses.get(kind.name, kind.mass)
            node.append_kind(kind)
        for site in sites:
            node.append_site(site)
    set_moments(node, moments_of_kinds(structure))
    return node


def _with_moments(node: StructureData, moments: list[Any] | None) -> StructureData:
    """Return a node in which atoms with different moments are different kinds.

    :param moments: of each site, in μB: numbers, or vectors along one axis.
    """
    if moments is None or check_ordered_node(node) is not None:
        return node
    structure = to_pymatgen(node)
    structure.add_site_property(MOMENT, moments)
    magnetic = tell_moments_apart(structure)
    made = StructureData(cell=node.cell, pbc=node.pbc)
    for site, name in zip(node.sites, kind_names(magnetic), strict=True):
        if name not in made.get_kind_names():
            kind = node.get_kind(site.kind_name)
            made.append_kind(Kind(symbols=kind.symbol, mass=kind.mass, name=name))
        made.append_site(Site(kind_name=name, position=site.position))
    set_moments(made, moments_of_kinds(magnetic))
    return made


@reads_node
def check_ordered_node(node: StructureData) -> str | None:
    """Check that each site of a structure holds one whole atom of a known element.

    Magnetic moments have to be numbers.

    :returns: a message, or None.
    """
    if not node.sites:
        return 'The structure holds no atoms.'
    if not np.isfinite(node.cell).all() or abs(np.linalg.det(node.cell)) < 1e-6:
        return f'The cell of the structure has no volume: {node.cell}.'
    for kind in node.kinds:
        if kind.is_alloy or kind.has_vacancies:
            occupation = ', '.join(
                f'{symbol} {weight:g}'
                for symbol, weight in zip(kind.symbols, kind.weights, strict=True)
            )
            return (
                f'The structure is disordered: the kind {kind.name!r} is partly occupied or '
                f'shared ({occupation}). Give an ordered structure.'
            )
        if kind.symbol == 'X':
            return f'The kind {kind.name!r} of the structure has no known element.'
    return check_moments(node)


@reads_node
def check_bulk_node(node: StructureData) -> str | None:
    """Check that a structure is a bulk crystal that slabs can be cut from.

    :returns: a message, or None.
    """
    if not all(node.pbc):
        return f'The bulk structure must be periodic in 3 directions; its pbc is {node.pbc}.'
    return check_ordered_node(node) or check_bulk(to_pymatgen(node))


@reads_node
def to_pymatgen(node: StructureData) -> Structure:
    """Return the structure for pymatgen, with the names of kinds as site property ``kind_name``.

    If the node has magnetic moments, ``magmom`` is that of each site, in μB.

    :raises ValueError: if :func:`check_ordered_node` returns a message.
    """
    message = check_ordered_node(node)
    if message:
        raise ValueError(message)
    names = [site.kind_name for site in node.sites]
    symbols = {kind.name: kind.symbol for kind in node.kinds}
    properties: dict[str, list[Any]] = {KIND_NAME: names}
    if moments := moments_of(node):
        properties[MOMENT] = [moments.get(name, 0.0) for name in names]
    structure = Structure(
        Lattice(node.cell, pbc=node.pbc),
        [symbols[name] for name in names],
        [site.position for site in node.sites],
        coords_are_cartesian=True,
        site_properties=properties,
    )
    masses = {kind.name: kind.mass for kind in node.kinds if _has_own_mass(kind)}
    set_masses(structure, masses)
    return structure


def _has_own_mass(kind: Kind) -> bool:
    """Return whether a kind has the mass of neither table, that of aiida-core and that of ASE."""
    number = atomic_numbers[kind.symbol]
    of_aiida: Any = elements[number]['mass']
    usual = (of_aiida, float(atomic_masses[number]))
    return kind.mass is not None and all(abs(kind.mass - one) > MASS_TOLERANCE for one in usual)


@reads_node
def to_atoms(node: StructureData) -> Atoms:
    """Return the structure for ASE, with the same tags and masses as ``get_ase``, and its moments.

    ``get_ase`` takes a millisecond for each atom, this function much less.

    :raises ValueError: if a site is disordered or has no kind.
    """
    kinds, sites = node.kinds, node.base.attributes.get('sites')
    atoms: dict[str, Any] = {
        name: Site(kind_name=name, position=(0, 0, 0)).get_ase(kinds)
        for name in {site['kind_name'] for site in sites}
    }
    each = [atoms[site['kind_name']] for site in sites]
    moments = moments_of(node)
    return Atoms(
        numbers=[atom.number for atom in each],
        positions=[site['position'] for site in sites] if sites else None,
        tags=[atom.tag for atom in each],
        masses=[atom.mass for atom in each],
        magmoms=[moments.get(site['kind_name'], 0.0) for site in sites] if moments else None,
        cell=node.cell,
        pbc=node.pbc,
    )


def to_structure_data(structure: Structure, kinds_from: StructureData) -> StructureData:
    """Return an unstored node of the structure, with the kinds of another node.

    :param structure: the structure, with the sites in order and the site property ``kind_name``.
    :param kinds_from: the node whose kinds (names, elements, masses, moments) are used; only those
        that the structure uses, in the order of its sites.
    :raises ValueError: if a site has an unknown kind, or a kind of another element.
    """
    kinds = {kind.name: kind for kind in kinds_from.kinds}
    node = StructureData(cell=structure.lattice.matrix.tolist(), pbc=structure.lattice.pbc)
    appended = set()
    for site in structure:
        name = site.properties.get(KIND_NAME)
        if name not in kinds:
            raise ValueError(f'There is no kind {name!r}, only {", ".join(sorted(kinds))}.')
        if kinds[name].symbol != site.specie.symbol:
            raise ValueError(f'The kind {name!r} is {kinds[name].symbol}, not {site.specie}.')
        if name not in appended:
            node.append_kind(kinds[name])
            appended.add(name)
        node.append_site(Site(kind_name=name, position=site.coords.tolist()))
    set_moments(node, moments_of(kinds_from))
    return node
