"""Bad input of the workflows of surface energies is refused before anything is stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiida.engine import run
from aiida.orm import InstalledCode, ProcessNode, QueryBuilder, StructureData
from aiida_vasp.utils.dict_merge import recursive_merge
from ase import Atoms
from ase.build import bulk, molecule

from aiida_slabrelax.workflows.surface_energies.converge_thickness import ConvergeThicknessWorkChain
from aiida_slabrelax.workflows.surface_energies.workflow import SurfaceEnergiesWorkChain
from sample_structures import copper_slab, silver_phosphate

INCAR = ('vasp', 'parameters', 'incar')


def of(symbol: str) -> StructureData:
    return StructureData(ase=bulk(symbol, cubic=True))


def oxygen() -> StructureData:
    atoms = molecule('O2', cell=[8, 9, 10], pbc=True)
    atoms.center()
    return StructureData(ase=Atoms(atoms.symbols, atoms.positions, cell=atoms.cell, pbc=True))


@pytest.fixture
def refusal(metal_inputs: Callable[..., dict[str, Any]]) -> Callable[..., str]:
    """Return a function that runs a workflow and returns the message of its refusal."""

    def refuse(
        workflow: Any = SurfaceEnergiesWorkChain,
        crystal: StructureData | str = 'Cu',
        overrides: dict[str, Any] | None = None,
        **inputs: Any,
    ) -> str:
        given = {**metal_inputs(crystal), 'miller_indices': [1, 0, 0], **inputs}
        if overrides is not None:
            given['overrides'] = recursive_merge(given['overrides'], overrides)
        for kind in ('references', 'competing'):
            phases = given.get(kind, {}).items()
            given[kind] = {one: of(two) if isinstance(two, str) else two for one, two in phases}
        given = {name: value for name, value in given.items() if value not in (None, {})}
        before = QueryBuilder().append(ProcessNode).count()
        with pytest.raises(ValueError, match=r'\S') as refused:
            run(workflow, **given)
        assert QueryBuilder().append(ProcessNode).count() == before
        return str(refused.value)

    return refuse


@pytest.mark.parametrize(
    ('inputs', 'message'),
    [
        ({'miller_indices': None}, 'cannot be cut without miller_indices'),
        ({'max_index': 1}, 'give `miller_indices` or `max_index`: both are given'),
        ({'miller_indices': [0, 0, 0]}, '[0, 0, 0] describe no plane'),
        ({'miller_indices': [[1, 0, 0], [1, 0]]}, 'not [1, 0]'),
        ({'protocol': 'slow'}, "there is no protocol 'slow'"),
        (
            {'protocol': 'test@group.yaml'},
            "`protocol`: the daemon reads 'group.yaml', which needs an absolute path",
        ),
        ({'overrides': {'slabs': {}}}, "`overrides` has 'slabs', which is not one of"),
        ({'overrides': {'thickness': 8.0}}, "`overrides` has 'thickness', which is not one of"),
        ({'overrides': {'vasp': {'kpoints': [4, 4, 4]}}}, 'give vasp.kpoints_spacing in place of'),
        ({'overrides': {'vasp': {'parameters': {'incar': {'isif': 3}}}}}, 'ISIF = 3 changes'),
        ({'overrides': {'vasp': {'parameters': {'incar': {'nsw': 0}}}}}, 'needs NSW > 1, got 0'),
        (
            {'overrides': {'vasp': {'potential_family': 'no'}}},
            "`vasp.potential_family`: there is no potential family 'no'; the uploaded ones are: ",
        ),
        ({'overrides': {'min_slab_thickness': -1.0}}, 'thickness'),
        ({'overrides': {'fix': {'layers': 1}}}, 'fix needs `side`'),
        ({'references': {'Al': 'Al'}}, '`references.Al`: the bulk, Cu4, has no Al'),
        ({'references': {'Xx': 'Al'}}, "there is no element 'Xx'"),
        ({'references': {'Cu': 'Al'}}, '`references.Cu` is Al4, not Cu alone'),
        ({'competing': {'alumina': 'Al'}}, '`competing.alumina` has Al, which the bulk, Cu4,'),
        ({'eliminated': 'O'}, "`eliminated`: the bulk, Cu4, has no 'O'"),
        ({'overrides': {'prerelax': {'max_iterations': 1}}}, 'prerelax needs a code'),
        ({'overrides': {'screen': 0.5}}, '`screen` compares pre-relaxed slabs: give `prerelax`'),
        ({'overrides': {'screen_references': {}}}, "`overrides` has 'screen_references', which"),
    ],
)
def test_what_surface_energies_refuses(
    refusal: Callable[..., str], inputs: dict[str, Any], message: str
) -> None:
    assert message in refusal(**inputs)


@pytest.mark.parametrize(
    ('chosen', 'message'),
    [
        ('slabs: {}', "`protocol` has 'slabs', which is not one of"),
        ('vasp: {kpoints: [4, 4, 4]}', '`protocol`: give vasp.kpoints_spacing in place of'),
        ('fix: {layers: 1}', '`protocol`: fix needs `side`'),
    ],
)
def test_a_protocol_of_ones_own_is_checked_alike(
    refusal: Callable[..., str], tmp_path: Path, chosen: str, message: str
) -> None:
    path = tmp_path / 'own.yaml'
    path.write_text(
        f'default_protocol: a\nprotocols:\n    a:\n        description: A\n        {chosen}\n'
    )
    assert message in refusal(protocol=f'a@{path}')


@pytest.mark.parametrize(
    ('inputs', 'message'),
    [
        ({'miller_indices': [[1, 0, 0], [1, 1, 0]]}, 'must be those of one surface'),
        ({'thicknesses': [8.0]}, 'a line needs at least two, got [8'),
        ({'thicknesses': [8.0, 8.0]}, 'a line needs at least two, got [8'),
        ({'thicknesses': [8.0, -1.0]}, 'must be positive and finite (Å), got -1'),
        ({'thicknesses': ['thick', 8]}, "must be numbers (Å), got 'thick'"),
        ({'overrides': {'layers': 5}}, '`layers` has no effect beside `thicknesses`'),
        ({'overrides': {'in_unit_planes': True}}, '`thicknesses` are in Å'),
        ({'overrides': {'screen': 0.5}}, '`screen` compares terminations, not `thicknesses`'),
    ],
)
def test_what_converge_thickness_refuses(
    refusal: Callable[..., str], inputs: dict[str, Any], message: str
) -> None:
    assert message in refusal(ConvergeThicknessWorkChain, **{'thicknesses': [8, 12.5], **inputs})


def test_the_inputs_of_pre_relaxations_are_checked_too(
    refusal: Callable[..., str], vasp_code: InstalledCode
) -> None:
    wrong = {'prerelax': {'parameters': {'incar': {'isif': 3}}}}
    assert 'ISIF = 3 changes the cell' in refusal(overrides=wrong, prerelax=vasp_code)


def test_a_slab_is_no_crystal(refusal: Callable[..., str]) -> None:
    assert 'this is a slab or a molecule in a box, not a bulk crystal' in refusal(
        crystal=copper_slab(4)
    )


def test_a_reference_needs_a_potential_for_each_kind(refusal: Callable[..., str]) -> None:
    other = StructureData(cell=[[8, 0, 0], [0, 9, 0], [0, 0, 10]])
    other.append_atom(position=(4, 4, 4), symbols='O', name='O7')
    mapping = {'vasp': {'potential_mapping': {'O7': 'O_none'}}}
    told = refusal(crystal=silver_phosphate(), references={'O': other}, overrides=mapping)
    assert (
        "O: `vasp.potential_family`: 'standin' has no potential 'O_none' for the kind 'O7'" in told
    )


def test_references_and_competing_phases_of_a_compound_are_accepted(
    refusal: Callable[..., str],
) -> None:
    """What is refused here is only what comes after them."""
    told = refusal(
        crystal=silver_phosphate(),
        references={'O': oxygen(), 'Ag': of('Ag')},
        competing={'silver': of('Ag')},
        eliminated='Cu',
    )
    assert "`eliminated`: the bulk, Ag6O8P2, has no 'Cu'" in told
