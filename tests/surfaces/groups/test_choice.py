"""What is kept whole, by its name."""

import pytest
from pymatgen.core.lattice import Lattice
from pymatgen.core.structure import Structure

from aiida_slabrelax.surfaces import Crystal, SlabGenerationError
from aiida_slabrelax.surfaces.groups.bonds import find_bonds
from aiida_slabrelax.surfaces.groups.choice import choose_groups, several
from aiida_slabrelax.surfaces.groups.groups import count_names
from bulk_crystals import (
    copper,
    from_spacegroup,
    lithium_cobaltate,
    pyrite,
    quartz,
    rock_salt,
    rutile,
    silver_phosphate,
)
from grouped_crystals import (
    bismuth_selenide,
    build,
    calcite,
    cof_5,
    mof_74,
    molybdenum_sulfide,
    potassium_phosphate,
    urea,
)


def names(crystal, *keep_whole: str, bonds: dict[str, float] | None = None) -> str:
    """Return the groups of several atoms in the primitive cell."""
    cell = Crystal.of(crystal)
    groups = choose_groups(cell, keep_whole, find_bonds(cell, bonds))
    assert sorted(atom for group in groups for atom in group.atoms) == list(range(len(cell.atoms)))
    return count_names(several(groups), cell)


def graphite() -> Structure:
    return from_spacegroup(
        'P6_3/mmc', Lattice.hexagonal(2.46, 6.7), ['C', 'C'], [[0, 0, 0.25], [1 / 3, 2 / 3, 0.25]]
    )


def potassium_graphite() -> Structure:
    return from_spacegroup(
        'P6/mmm',
        Lattice.hexagonal(4.92, 5.35),
        ['K', 'C', 'C'],
        [[0, 0, 0], [1 / 3, 0, 0.5], [1 / 6, 1 / 3, 0.5]],
    )


def tellurium() -> Structure:
    return from_spacegroup(152, Lattice.hexagonal(4.457, 5.929), ['Te'], [[0.2633, 0, 1 / 3]])


@pytest.mark.parametrize(
    ('make', 'keep_whole', 'expected'),
    [
        (urea, 'molecules', '2 H4CN2O'),
        (urea, 'auto', '2 H4CN2O'),
        (silver_phosphate, 'molecules', '2 PO4'),
        (silver_phosphate, 'P-O', '2 PO4'),
        (silver_phosphate, 'O-P', '2 PO4'),
        (calcite, 'auto', '2 CO3'),
        (potassium_phosphate, 'auto', '2 PO4'),
        (pyrite, 'auto', '4 S2'),
        (molybdenum_sulfide, 'layers', '2 MoS2 layer'),
        (molybdenum_sulfide, 'auto', '2 MoS2 layer'),
        (bismuth_selenide, 'auto', '1 Bi2Se3 layer'),
        (graphite, 'layers', '2 C layer'),
        (potassium_graphite, 'layers', '1 C layer'),
        (tellurium, 'auto', '1 Te chain'),
        (mof_74, 'molecules', '3 H2C8O6'),
        (cof_5, 'auto', '1 BH4C9O2 layer'),
        (rutile, 'Ti-O', '1 TiO2 network'),
        # What only metals hold together, or bonds in all directions, is no group.
        (copper, 'auto', ''),
        (rock_salt, 'auto', ''),
        (quartz, 'auto', ''),
        (lithium_cobaltate, 'auto', ''),
    ],
)
def test_groups_by_name(make, keep_whole, expected):
    assert names(build(make), keep_whole) == expected


def test_several_kinds_of_groups():
    assert names(silver_phosphate(), 'P-O', 'Ag-O') == '1 Ag3PO4 network'
    assert names(calcite().crystal, 'C-O', 'molecules') == '2 CO3'


def test_given_bonds_are_the_only_ones():
    assert names(silver_phosphate(), 'auto', bonds={'Ag-Ag': 3.1}) == '3 Ag chain'


@pytest.mark.parametrize(
    ('make', 'keep_whole', 'message'),
    [
        (quartz, 'molecules', 'no molecules in the crystal; .* together: 1 SiO2 network'),
        (molybdenum_sulfide, 'molecules', 'no molecules .* 2 MoS2 layer'),
        (urea, 'layers', 'no layers in the crystal; .* together: 2 H4CN2O'),
        (silver_phosphate, 'P-S', 'no S: there is no P-S to keep whole'),
        (silver_phosphate, 'Ag-P', r'no Ag-P bond: .* at least 3\.42 Å apart'),
    ],
)
def test_what_is_not_there_is_refused_by_name(make, keep_whole, message):
    with pytest.raises(SlabGenerationError, match=message) as raised:
        names(build(make), keep_whole)
    assert raised.value.option == 'keep_whole'
