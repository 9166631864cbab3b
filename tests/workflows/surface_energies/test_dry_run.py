"""The calculations of a run of surface energies before it is submitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiida.orm import Node, QueryBuilder, StructureData
from ase import Atoms
from ase.build import bulk, molecule

from aiida_slabrelax.surfaces import SlabGenerationError
from aiida_slabrelax.workflows.surface_energies.dry_run import PlannedRun, plan_run

Plan = Callable[..., PlannedRun]


@pytest.fixture(scope='module')
def plan(metal_inputs: Callable[..., dict[str, Any]]) -> Plan:
    """Return a function: the calculations of a run on Cu (100)."""

    def make(**inputs: Any) -> PlannedRun:
        return plan_run({**metal_inputs('Cu'), 'miller_indices': [1, 0, 0], **inputs})

    return make


@dataclass(frozen=True)
class Counted:
    """A planned run, and how many nodes it has stored."""

    run: PlannedRun
    stored: int


@pytest.fixture(scope='module')
def with_all(plan: Plan) -> Counted:
    """A run with all that is computed besides the bulk and its slabs; it is only read."""
    before = QueryBuilder().append(Node).count()
    run = plan(unrelaxed=True, oriented_bulk=True)
    return Counted(run, QueryBuilder().append(Node).count() - before)


def labels(run: PlannedRun) -> list[str]:
    return [calculation.label for calculation in run.others]


def test_the_bulk_is_relaxed_and_computed_in_its_last_cell(plan: Plan) -> None:
    run = plan()
    assert [slab.label for slab in run.found.terminations] == ['slab_00']
    assert [calculation.label for calculation in run.slabs] == ['slab_00']
    assert labels(run) == ['bulk', 'bulk_in_its_last_cell']
    relaxed, again = run.others
    assert (relaxed.incar['ISIF'], again.incar['ISIF']) == ('3', '2')
    assert (again.incar['IBRION'], again.incar['NSW']) == ('-1', '0')
    assert relaxed.incar['ENCUT'] == again.incar['ENCUT'] == run.slabs[0].incar['ENCUT']
    assert relaxed.structure.get_formula() == 'Cu4'


def test_unrelaxed_slabs_are_computed_once(with_all: Counted) -> None:
    run = with_all.run
    assert labels(run)[2:] == ['bulk_in_the_cell_of_slab_00', 'slab_00_unrelaxed']
    once, slab = run.others[3], run.slabs[0]
    assert (once.incar['NSW'], once.mesh) == ('0', slab.mesh)
    assert once.files['POSCAR'].splitlines()[1:] == slab.files['POSCAR'].splitlines()[1:]


def test_the_bulk_in_the_cell_of_a_slab_has_its_kpoints(with_all: Counted) -> None:
    run = with_all.run
    mesh, of_slab = run.others[2].mesh, run.slabs[0].mesh
    assert mesh is not None
    assert of_slab is not None
    assert mesh[:2] == of_slab[:2]
    assert mesh[2] > 1
    assert run.others[2].incar['NSW'] == '0'


def test_a_molecule_relaxes_in_its_box_and_a_crystal_with_its_cell(plan: Plan) -> None:
    atoms = molecule('O2', cell=[8, 9, 10], pbc=True)
    box = StructureData(ase=Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=True))
    crystal = StructureData(ase=bulk('Cu', cubic=True))
    run = plan(references={'Cu': crystal}, competing={'box': crystal, 'molecule': box})
    assert labels(run)[2:] == [
        'reference_Cu',
        'reference_Cu_in_its_last_cell',
        'box',
        'box_in_its_last_cell',
        'molecule',
    ]
    assert run.others[-1].incar['ISIF'] == '2'


def test_several_thicknesses(plan: Plan) -> None:
    run = plan(thicknesses=[6.0, 12.0, 6.1])
    assert [slab.label for slab in run.found.terminations] == ['slab_00_5', 'slab_00_8']
    assert [calculation.label for calculation in run.slabs] == ['slab_00_5', 'slab_00_8']


def test_nothing_is_stored(with_all: Counted) -> None:
    assert with_all.stored == 0


def test_no_slab(plan: Plan, metal_inputs: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(SlabGenerationError, match='max_atoms'):
        plan(**metal_inputs('Cu', max_atoms=1))
