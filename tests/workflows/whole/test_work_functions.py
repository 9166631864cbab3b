"""Work functions of the faces of slabs, from the relaxation to table, page and figure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import run_get_node
from aiida.orm import Dict, StructureData, WorkChainNode
from ase import Atoms
from ase.build import fcc111
from click.testing import CliRunner

from aiida_slabrelax.cli import cli
from aiida_slabrelax.plots import plot_work_functions
from aiida_slabrelax.report import write_page
from aiida_slabrelax.results import RunResults, SlabResult, collect

#: What the model of the stand-in has for faces of Al, Ga and As, eV.
AL, GA, AS = (2.27 * chi + 0.34 for chi in (1.61, 1.81, 2.18))
LOCPOT = {'ADDITIONAL_RETRIEVE_TEMPORARY_LIST': ['LOCPOT']}


def aluminium(vacuum: float) -> StructureData:
    """Six layers of Al (111)."""
    atoms = fcc111('Al', (1, 1, 6), a=4.05, vacuum=vacuum / 2, periodic=True)
    atoms.set_tags(0)
    return StructureData(ase=atoms)


def polar() -> StructureData:
    """Ga at the lower face, As at the upper one."""
    heights = [0.0, 0.8, 3.2, 4.0, 6.4, 7.2]
    positions = [[2.0 * (n % 2), 0.0, height] for n, height in enumerate(heights)]
    return StructureData(ase=Atoms('GaAs' * 3, positions, cell=[4.0, 4.0, 22.2], pbc=True))


@pytest.fixture(scope='module')
def run(daemon_client: Any, slab_relax_builder: Callable[..., Any]) -> WorkChainNode:
    """Four slabs; LOCPOT is retrieved of all but one, which has the dipole correction."""
    builder = slab_relax_builder(
        incar={'lvhar': True},
        environment={'VASP_STANDIN_MODEL': 'instant'},
        slabs={
            'al': aluminium(16.0),
            'al_thin': aluminium(6.0),
            'outcar': polar(),
            'polar': polar(),
        },
        slab_overrides={'outcar': {'settings': {'ADDITIONAL_RETRIEVE_TEMPORARY_LIST': []}}},
    )
    builder.vasp.settings = Dict(LOCPOT)
    return run_get_node(builder)[1]


@pytest.fixture(scope='module')
def results(run: WorkChainNode) -> RunResults:
    assert (run.exit_status, run.exit_message) == (0, None)
    return collect(run)


@pytest.fixture(scope='module')
def slabs(results: RunResults) -> dict[str, SlabResult]:
    return {slab.label: slab for slab in results.slabs}


def test_aluminium_has_one(slabs: dict[str, SlabResult]) -> None:
    slab = slabs['al']
    assert (slab.work_function_upper, slab.work_function_lower) == pytest.approx((AL, AL), abs=1e-3)
    assert slab.work_functions is not None
    assert slab.work_functions.source == 'LOCPOT'


@pytest.mark.parametrize(('label', 'source'), [('polar', 'LOCPOT'), ('outcar', 'OUTCAR')])
def test_a_polar_slab_has_two(slabs: dict[str, SlabResult], label: str, source: str) -> None:
    slab = slabs[label]
    assert slab.work_function_upper == pytest.approx(AS, abs=1e-3)
    assert slab.work_function_lower == pytest.approx(GA, abs=1e-3)
    assert slab.work_functions is not None
    assert slab.work_functions.source == source
    assert (slab.potential is not None) is (source == 'LOCPOT')


def test_a_slab_without_vacuum_is_refused(slabs: dict[str, SlabResult]) -> None:
    slab = slabs['al_thin']
    assert slab.work_functions is None
    assert slab.work_functions_refused == (
        'no flat vacuum: it is 6.0 Å thick, and at least 7 Å are needed'
    )


def test_only_the_planar_average_is_kept(run: WorkChainNode) -> None:
    relaxation = run.base.links.get_outgoing(link_label_filter='al').one().node
    (calculation,) = relaxation.called
    assert 'LOCPOT' not in calculation.outputs.retrieved.base.repository.list_object_names()
    arrays = relaxation.outputs.arrays
    assert arrays.get_array('planar_potential').shape == arrays.get_array('heights').shape


def test_the_table(run: WorkChainNode) -> None:
    text = CliRunner().invoke(cli, ['show', str(run.pk)], catch_exceptions=False).output
    assert 'Φ upper' in text
    rows = {line.split()[0]: line.split() for line in text.splitlines() if '  ' in line}
    assert {'5.289', '4.449'} <= set(rows['polar'])
    assert '3.995' in rows['al']
    assert 'al_thin has no work functions: no flat vacuum: it is 6.0 Å thick' in text


def test_json_and_csv(run: WorkChainNode) -> None:
    found = CliRunner().invoke(cli, ['show', str(run.pk), '--json'], catch_exceptions=False).output
    by_label = {slab['label']: slab for slab in json.loads(found)['slabs']}
    assert by_label['polar']['work_function_upper_ev'] == pytest.approx(AS, abs=1e-3)
    assert by_label['al_thin']['work_function_upper_ev'] is None
    assert by_label['al_thin']['work_functions_refused'].startswith('no flat vacuum')
    header = CliRunner().invoke(cli, ['show', str(run.pk), '--csv'], catch_exceptions=False).output
    assert {'work_function_upper_ev', 'work_function_lower_ev'} <= set(
        header.splitlines()[0].split(',')
    )


def test_the_figure(results: RunResults) -> None:
    figure = plot_work_functions(results)
    titles = [axes.get_title(loc='left') for axes in figure.axes]
    assert [title.split()[0] for title in titles] == ['al', 'outcar', 'polar']
    texts = [text.get_text() for text in figure.axes[2].texts]
    assert texts == ['upper 5.29 eV', 'lower 4.45 eV']
    curves = [len(axes.lines) for axes in figure.axes]
    assert curves == [4, 3, 4]  # the potential, the Fermi level, two vacuum levels
    potential = figure.axes[2].lines[0].get_ydata()
    assert max(potential) == pytest.approx(AS, abs=1e-3)


def test_the_page(run: WorkChainNode) -> None:
    page = write_page(run)
    assert 'work function, upper face (eV)' in page
    assert '<td data-name="work function, upper face (eV)">5.289</td>' in page
    assert 'al_thin has no work functions: no flat vacuum' in page
    assert 'Work functions' in page
