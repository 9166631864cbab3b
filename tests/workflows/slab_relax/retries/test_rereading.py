"""A run whose energies an earlier parser has lost: they are read again, not computed again.

The archive holds a run of three slabs of copper that ended with 320: the partial densities of
states of two have 17 and 4 columns, which that parser could not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiida.common import LinkType
from aiida.engine import run_get_node
from aiida.orm import CalcFunctionNode, CalcJobNode, QueryBuilder, WorkChainNode, load_node
from aiida.tools import delete_nodes
from aiida.tools.archive import import_archive
from ase.calculators.emt import EMT
from ase.optimize import BFGS
from click.testing import CliRunner

from aiida_slabrelax.cli import cli
from aiida_slabrelax.results.relaxations.sources import find_source, last_structure, reading_of
from aiida_slabrelax.results.runs import relaxations_of
from aiida_slabrelax.results.slabs import collect
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from aiida_slabrelax.workflows.slab_relax.retries.rereading import lost_calculations, read_lost

ARCHIVE = Path(__file__).parent / 'lost_energies.aiida'
RUN = '0a72d015-0c2a-4441-a2bf-d90ee9acaa51'
LOST = ['cu_3', 'cu_4']


def count(node_class: Any) -> int:
    return QueryBuilder().append(node_class).count()


@pytest.fixture(scope='module')
def imported(potential_family: str) -> WorkChainNode:
    """The run as the archive holds it."""
    import_archive(ARCHIVE, import_new_extras=False)
    run = load_node(RUN)
    assert isinstance(run, WorkChainNode)
    return run


@pytest.fixture
def lost(imported: WorkChainNode) -> Iterator[WorkChainNode]:
    """The same; whatever is read of it is deleted afterwards."""
    yield imported
    filters = {'attributes.process_label': 'read_again'}
    readings = QueryBuilder().append(CalcFunctionNode, filters=filters, project='id').all(flat=True)
    delete_nodes(readings, dry_run=False)


def by_ase(run: WorkChainNode, label: str) -> float:
    """Return the energy (eV) of a slab as ASE relaxes it."""
    atoms = run.inputs.slabs[label].get_ase()
    atoms.calc = EMT()
    BFGS(atoms, logfile=None).run(fmax=0.05)
    return float(atoms.get_potential_energy())


def test_the_run_as_it_was(lost: WorkChainNode) -> None:
    assert lost.exit_status == 320
    assert set(lost.outputs.slab_energies) == {'cu_5'}
    assert sorted(lost_calculations(lost)) == LOST
    assert {slab.label: slab.energy is None for slab in collect(lost).slabs} == {
        'cu_3': True,
        'cu_4': True,
        'cu_5': False,
    }


def test_what_was_lost_is_read_and_the_graph_says_from_where(lost: WorkChainNode) -> None:
    calculations = lost_calculations(lost)
    readings = read_lost(lost)
    assert sorted(readings) == LOST
    for label, reading in readings.items():
        inputs = reading.base.links.get_incoming(link_type=LinkType.INPUT_CALC)
        calculation = calculations[label]
        assert inputs.get_node_by_label('retrieved').creator.uuid == calculation.uuid
        assert reading_of(calculation) == reading
        source = find_source(relaxations_of(lost)[label])
        assert source is not None
        assert source.process == reading
        energy = source.misc.get_dict()['total_energies']['energy_extrapolated']
        assert energy == pytest.approx(by_ase(lost, label), abs=1e-6)
        assert source.structure.creator == reading
        assert last_structure(relaxations_of(lost)[label]) == source.structure


def test_what_has_been_read_is_not_read_again(lost: WorkChainNode) -> None:
    read_lost(lost)
    assert read_lost(lost) == {}


def test_the_results_show_it(lost: WorkChainNode) -> None:
    read_lost(lost)
    for slab in collect(lost).slabs:
        assert slab.state == 'relaxed'
        assert slab.energy == pytest.approx(by_ase(lost, slab.label), abs=1e-6)
        assert (slab.read_again, slab.recovered) == (slab.label in LOST, False)
        assert slab.converged is True
        assert slab.max_force is not None
        assert slab.max_force < 0.05


def test_a_retry_reads_and_computes_nothing(lost: WorkChainNode) -> None:
    before = count(CalcJobNode)
    builder = SlabRelaxWorkChain.get_builder_retry(lost, trusted=True)
    assert set(builder.previous.relaxed_slabs) == {'cu_3', 'cu_4', 'cu_5'}
    outputs, node = run_get_node(builder)
    assert node.exit_status == 0
    for label, energy in outputs['slab_energies'].items():
        assert energy.value == pytest.approx(by_ase(lost, label), abs=1e-6)
    assert len(outputs['slab_energies']) == 3
    assert {child.process_label for child in node.called} == {'gather_energies'}
    assert count(CalcJobNode) == before
    slabs = collect(node).slabs
    assert [slab.taken_over for slab in slabs] == [True] * 3
    assert [slab.read_again for slab in slabs] == [True, True, False]


def test_without_reading_first_nothing_is_stored(lost: WorkChainNode) -> None:
    before = count(CalcFunctionNode)
    builder = SlabRelaxWorkChain.get_builder_retry(lost, read_first=False, trusted=True)
    assert set(builder.previous.relaxed_slabs) == {'cu_5'}
    assert count(CalcFunctionNode) == before


@pytest.fixture
def command() -> Callable[..., Any]:
    """Return a function that runs the command line in this process."""
    return lambda *arguments: CliRunner().invoke(cli, list(arguments), catch_exceptions=False)


def test_the_command(lost: WorkChainNode, command: Callable[..., Any]) -> None:
    before = count(CalcJobNode)
    result = command('reread', str(lost.pk))
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    for line, label in zip(lines, LOST, strict=False):
        assert line.startswith(f'{label}: read by read_again<')
        assert line.endswith('>: VASP: reached required accuracy')
    assert 'cu_3 read again from the retrieved files of its last calculation' in lines
    assert lines[-1].endswith('finished [0]')
    assert count(CalcJobNode) == before
    again = command('reread', str(lost.pk))
    assert again.exit_code == 2
    message = f'SlabRelaxWorkChain<{lost.pk}> has no slab whose files contain further results'
    assert message in again.output


def test_a_dry_run_says_what_would_be_read(
    lost: WorkChainNode, command: Callable[..., Any]
) -> None:
    before = count(CalcFunctionNode)
    result = command('retry', str(lost.pk), '--dry-run')
    assert 'First the files of cu_3, cu_4 would be read again.' in result.output
    assert count(CalcFunctionNode) == before
