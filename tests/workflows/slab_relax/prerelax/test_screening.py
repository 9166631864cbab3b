"""The comparison of pre-relaxed slabs, on an instantiated process; no daemon."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from aiida.engine import run_get_node
from aiida.orm import Dict, Log, StructureData, WorkChainNode
from ase import Atoms
from ase.build import bulk
from plumpy import ProcessState

from aiida_slabrelax.calculations.generate_slabs import generate_slabs
from aiida_slabrelax.calculations.structures import to_atoms
from aiida_slabrelax.cli.tables.slabs import as_dict, as_text
from aiida_slabrelax.report import write_page
from aiida_slabrelax.results import collect
from aiida_slabrelax.results.relaxations.screening import excluded_by
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.slab_relax.prerelax.screening import screening_phases
from sample_structures import copper_slabs, silver_phosphate
from transactions import one_transaction

#: eV for an atom of the crystal, and of elements of it.
ATOM = -2.0


def reports(process: Any) -> list[str]:
    logs = Log.collection.get_logs_for(process.node)
    return [log.message.split(']: ', 1)[-1] for log in logs]


def diamond() -> StructureData:
    """Aluminium in the structure of diamond: (111) can be cut in two ways."""
    return StructureData(ase=bulk('Al', 'diamond', a=6.0, cubic=True))


def misc(energy: float) -> Dict:
    return Dict({'total_energies': {'energy_extrapolated': energy}})


#: What a run is given to cut :func:`diamond`.
CUT = {'miller_indices': [1, 1, 1], 'min_slab_thickness': 8.0, 'min_vacuum_thickness': 10.0}


@pytest.fixture(scope='module')
def cut(aiida_profile: Any) -> Callable[..., dict[str, StructureData]]:
    """Return a function that cuts the slabs of a crystal once for all tests."""

    @cache
    def make(crystal: Callable[[], dict[str, Any]]) -> dict[str, StructureData]:
        found: Any = generate_slabs(**crystal())
        return dict(found['slabs'])

    return make


def diamonds() -> dict[str, Any]:
    """Inputs for the crystal whose two slabs have its composition."""
    return {'bulk_structure': diamond(), **CUT}


@pytest.fixture
def begin(
    instantiate: Callable[..., Any], cut: Callable[..., dict[str, StructureData]]
) -> Callable[..., Any]:
    """Return a function that makes a run whose slabs wait: those of a crystal, or it cuts them."""

    def make(crystal: Callable[[], dict[str, Any]] = diamonds, **inputs: Any) -> Any:
        slabs = {} if 'bulk_structure' in inputs else {'slabs': cut(crystal)}
        with one_transaction():
            process = instantiate(**{'prerelax': {}, 'screen': 0.5, **slabs, **inputs})
            with process._process_scope():
                if process.should_generate_slabs():
                    assert process.generate_slabs() is None
                assert process.prepare_relaxations() is None
        return process

    return make


@pytest.fixture
def end_stage(
    end_relaxation: Callable[..., WorkChainNode],
) -> Callable[..., None]:
    """Return a function that ends all pre-relaxations, and the phases with them.

    ``heights`` are the surface energies of slabs (eV/Å², of both faces) by label; None is that of
    a pre-relaxation that fails. ``energies`` are those of phases for an atom (eV).
    """

    def end(process: Any, heights: dict[str, float | None], **energies: float | None) -> None:
        process.ctx.remaining.clear()
        with one_transaction():
            for label, height in heights.items():
                slab: Atoms = to_atoms(process.ctx.slabs[label])
                area = abs(slab.cell[0, 0] * slab.cell[1, 1] - slab.cell[0, 1] * slab.cell[1, 0])
                failed = height is None
                energy = ATOM * len(slab) + 2 * area * (height or 0.0)
                moved = slab.copy()
                moved.positions[:, 2] = 0.99 * moved.positions[:, 2]
                reached = StructureData(ase=moved)
                end_relaxation(
                    process, f'prerelax__{label}', misc(energy), reached, exit_status=401 * failed
                )
            for name, atom in {'bulk': ATOM, **energies}.items():
                structure = screening_phases(process.inputs)[name]
                failed = atom is None
                node = end_relaxation(
                    process,
                    f'screen__{name}',
                    misc((atom or 0.0) * len(structure.sites)),
                    structure,
                    exit_status=401 * failed,
                )
                process.ctx.phases[name] = node
                process.ctx.relaxations.pop(f'screen__{name}', None)
        with process._process_scope():
            process.gather_relaxations()

    return end


def test_phases_are_queued_before_slabs(begin: Callable[..., Any]) -> None:
    assert begin().ctx.remaining == ['screen__bulk', 'slab_00', 'slab_01']


def test_without_it_nothing_is_compared(begin: Callable[..., Any]) -> None:
    assert begin(screen=None).ctx.remaining == ['slab_00', 'slab_01']


def test_a_single_slab_is_not_compared(begin: Callable[..., Any]) -> None:
    aluminium = StructureData(ase=bulk('Al', 'fcc', a=4.05, cubic=True))
    process = begin(**{**diamonds(), 'bulk_structure': aluminium})
    assert process.ctx.remaining == ['slab_00']
    assert process.ctx.screened


def test_the_bulk_has_the_inputs_of_pre_relaxations_and_its_own_k_points(
    begin: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = begin(**diamonds(), prerelax={'incar': {'encut': 250}}, max_concurrent=1)
    children: dict[str, Any] = {}
    monkeypatch.setattr(
        process,
        'submit_child',
        lambda _, label, **inputs: children.setdefault(label, (inputs, WorkChainNode().store()))[1],
    )
    process.submit_relaxations()
    assert list(children) == ['screen__bulk']
    inputs = children['screen__bulk'][0]
    assert inputs['structure'].uuid == process.inputs.bulk_structure.uuid
    assert inputs['parameters'].uuid == process.inputs.prerelax.parameters.uuid
    assert inputs['kpoints_spacing'].value == 0.05
    assert 'kpoints' not in inputs
    assert 'dynamics' not in inputs
    assert process.ctx.remaining == ['slab_00', 'slab_01']
    assert process.describe_progress() == '0 of 2 slabs done'


def test_no_relaxation_starts_before_all_slabs_are_compared(
    begin: Callable[..., Any], end_relaxation: Callable[..., WorkChainNode]
) -> None:
    process = begin()
    slab = process.ctx.slabs['slab_00']
    process.ctx.remaining = ['slab_01']
    end_relaxation(process, 'prerelax__slab_00', misc(-1.0), slab)
    with process._process_scope():
        process.gather_relaxations()
    assert process.ctx.remaining == ['slab_01']
    assert not process.ctx.screened


def test_a_slab_that_is_too_high_is_left_out(
    begin: Callable[..., Any], end_stage: Callable[..., None], relax: Any, end_run: Any
) -> None:
    process = begin(**diamonds())
    end_stage(process, {'slab_00': 0.05, 'slab_01': 0.10})
    why = '0.801 J/m² above the lowest termination of (111) in its pre-relaxation'
    assert process.ctx.remaining == ['slab_00']
    assert reports(process)[-2:] == [
        'slab_00: 0.000 J/m² above the lowest',
        f'slab_01: excluded: {why}',
    ]
    process.ctx.remaining.clear()
    relax(process, 'slab_00')
    run = end_run(process)
    assert (run.exit_status, run.exit_message) == (0, None)
    assert reports(process)[-2].startswith('1 of 2 slabs relaxed, 1 excluded')  # then the cost
    assert sorted(process.outputs['slab_energies']) == ['slab_00']
    entry = process.outputs['screening']['slab_01']
    assert entry['excluded'] == why
    assert entry['surface_energy']['eV/Å²'] == pytest.approx(0.10)
    results = collect(run)
    first, second = results.slabs
    assert (first.state, first.excess) == ('relaxed', pytest.approx(0, abs=1e-5))
    assert (second.state, second.excess) == ('excluded', pytest.approx(0.8010883, abs=1e-5))
    assert results.n_done == 2
    assert f'slab_01 excluded: {why}' in as_text(results)
    assert as_dict(results)['slabs'][1]['screened_excess_j_per_m2'] == second.excess
    assert f'slab_01 was excluded: {why}' in write_page(run)
    assert f'slab_01 excluded: {why}' in results._repr_html_()
    assert excluded_by(run) == {'slab_01': why}
    with pytest.raises(ValueError, match=r'have relaxed or were excluded \(slab_01\)'):
        SlabRelaxWorkChain.get_builder_retry(run)
    retry = SlabRelaxWorkChain.get_builder_retry(run, only=['slab_01'])
    assert set(retry.previous.geometries) == {'slab_01'}


def test_slabs_within_the_limit_go_on(
    begin: Callable[..., Any], end_stage: Callable[..., None]
) -> None:
    process = begin()
    end_stage(process, {'slab_00': 0.08, 'slab_01': 0.05})
    assert sorted(process.ctx.remaining) == ['slab_00', 'slab_01']
    assert process.ctx.excluded == {}


def test_slabs_without_an_energy_go_on(
    begin: Callable[..., Any], end_stage: Callable[..., None]
) -> None:
    process = begin()
    end_stage(process, {'slab_00': None, 'slab_01': 0.5})
    assert sorted(process.ctx.remaining) == ['slab_00', 'slab_01']
    assert 'screen: fewer than two slabs to compare, none is left out' in reports(process)


def test_without_the_bulk_no_slab_is_left_out(
    begin: Callable[..., Any], end_stage: Callable[..., None]
) -> None:
    process = begin()
    end_stage(process, {'slab_00': 0.05, 'slab_01': 0.9}, bulk=None)
    assert sorted(process.ctx.remaining) == ['slab_00', 'slab_01']
    assert any('bulk has no energy, no slab is left out' in line for line in reports(process))


def test_a_comparison_of_an_earlier_worker_is_not_made_again(
    begin: Callable[..., Any], end_stage: Callable[..., None]
) -> None:
    process = begin()
    heights = {'slab_00': 0.05, 'slab_01': 0.10}
    end_stage(process, heights)
    first = process.outputs['screening']
    process.ctx.screened, process.ctx.excluded = False, {}  # as in its last checkpoint
    process.ctx.remaining.clear()
    with process._process_scope():
        process.gather_relaxations()
    assert process.outputs['screening'].uuid == first.uuid
    assert list(process.ctx.excluded) == ['slab_01']


def phosphate() -> dict[str, Any]:
    """Inputs for Ag3PO4 (100), whose four slabs differ in composition."""
    return {
        'bulk_structure': silver_phosphate(),
        'miller_indices': [1, 0, 0],
        'min_slab_thickness': 10.0,
        'min_vacuum_thickness': 15.0,
    }


def element(symbol: str) -> StructureData:
    return StructureData(ase=Atoms(symbol, cell=[9, 9, 9], pbc=True))


def test_at_unknown_potentials_no_composition_is_excluded(
    begin: Callable[..., Any], end_stage: Callable[..., None]
) -> None:
    process = begin(phosphate)
    end_stage(process, {'slab_00': 0.05, 'slab_01': 0.9, 'slab_02': 0.9, 'slab_03': 0.9})
    assert process.ctx.excluded == {}
    assert len(process.ctx.remaining) == 4


def test_with_references_only_stable_potentials_count(
    begin: Callable[..., Any], end_stage: Callable[..., None]
) -> None:
    references = {symbol: element(symbol) for symbol in ('Ag', 'P', 'O')}
    process = begin(phosphate, screen_references=references)
    assert process.ctx.remaining[:4] == ['screen__bulk', *map('screen__'.__add__, references)]
    heights = {'slab_00': 0.05, 'slab_01': 0.9, 'slab_02': 0.9, 'slab_03': 0.9}
    # A formation energy of 0.1 eV for an atom: the potentials can hardly vary.
    end_stage(process, heights, **dict.fromkeys(references, ATOM + 0.1))
    assert sorted(process.ctx.excluded) == ['slab_01', 'slab_02', 'slab_03']
    assert all(
        why.endswith('or more, at all stable potentials') for why in process.ctx.excluded.values()
    )


def test_a_run_that_ended_before_the_comparison_begins_again(
    begin: Callable[..., Any], end_relaxation: Callable[..., WorkChainNode], end_run: Any
) -> None:
    process = begin()
    end_relaxation(process, 'prerelax__slab_00', misc(-1.0), process.ctx.slabs['slab_00'])
    with process._process_scope():
        process.gather_relaxations()
    run = end_run(process, ProcessState.KILLED)
    builder = SlabRelaxWorkChain.get_builder_retry(run)
    assert not builder.previous.geometries
    assert sorted(builder.slabs) == ['slab_00', 'slab_01']
    assert builder.screen.value == 0.5


def test_slabs_of_the_generator_have_their_bulk(instantiate: Callable[..., Any]) -> None:
    crystal = diamond()
    cut: Any = generate_slabs(bulk_structure=crystal, **CUT)
    process = instantiate(slabs=dict(cut['slabs']), prerelax={}, screen=1)
    assert screening_phases(process.inputs)['bulk'].uuid == crystal.uuid


@pytest.mark.parametrize(
    ('inputs', 'message'),
    [
        ({'screen': -0.1, 'prerelax': {}}, '`screen` must be a finite number of J/m², 0 or more'),
        ({'screen': float('nan'), 'prerelax': {}}, 'must be a finite number of J/m²'),
        ({'screen': 0.5}, '`screen` compares pre-relaxed slabs: give `prerelax` too'),
        (
            {'screen': 0.5, 'prerelax': {}, 'slabs': lambda: copper_slabs(3)},
            '`screen` needs slabs that `generate_slabs` has cut from one crystal',
        ),
        (
            {'prerelax': {}, 'screen_references': lambda: {'Cu': element('Cu')}},
            'give `screen` with `screen_references`',
        ),
        (
            {'screen': 0.5, 'prerelax': {}, 'screen_references': lambda: {'Ag': element('Ag')}},
            '`screen_references.Ag` must be a crystal or molecule of an element of Cu4, got Ag',
        ),
        (
            {'screen': 0.5, 'prerelax': {'incar': {'magmom': [1.0] * 3}}},
            '`screen`: bulk would be computed with `prerelax`, but MAGMOM has 3 values',
        ),
    ],
    ids=['negative', 'nan', 'alone', 'own slabs', 'references', 'element', 'lists'],
)
def test_bad_input(slab_relax_builder: Callable[..., Any], inputs: Any, message: str) -> None:
    # Nodes are made when there is a profile.
    made = {name: value() if callable(value) else value for name, value in inputs.items()}
    with pytest.raises(ValueError, match='screen') as info:
        run_get_node(slab_relax_builder(**made))
    assert message in str(info.value)
