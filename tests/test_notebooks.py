"""What a notebook shows of results, and what it loads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from aiida.engine import ProcessState
from aiida.orm import Int, StructureData, WorkChainNode
from ase import Atoms
from ase.build import bulk, fcc111
from matplotlib.axes import Axes
from pymatgen.core import Lattice, Structure

from aiida_slabrelax import SlabRelaxWorkChain, SurfaceEnergiesWorkChain, load, preview
from aiida_slabrelax.energetics import EnergyPerArea, SurfaceEnergy
from aiida_slabrelax.notebooks import LoadedEnergies, LoadedRun
from aiida_slabrelax.results import Failure, SlabResult, Surface
from bulk_crystals import from_spacegroup


@pytest.fixture(autouse=True)
def no_open_figures() -> Iterator[None]:
    plt.close('all')
    yield
    plt.close('all')


def copper() -> Structure:
    return from_spacegroup('Fm-3m', Lattice.cubic(3.6), ['Cu'], [[0, 0, 0]])


def loaded() -> LoadedRun:
    """One slab that has relaxed, and one that has failed with a message of HTML."""
    before = fcc111('Cu', (1, 1, 4), a=3.6, vacuum=7.0, periodic=True)
    after = before.copy()
    after.positions[-1, 2] -= 0.05
    relaxed = SlabResult(
        'slab_00', 'relaxed', 'Cu4', 4, 6.24, 5.61, energy=-1.25, initial=before, relaxed=after
    )
    failure = Failure('<b>bold</b> & \x1b[31mred')
    failed = SlabResult('slab_01', 'failed', 'Cu4', 4, 6.24, 5.61, initial=before, failure=failure)
    return LoadedRun(30, 'uuid', 'finished', False, 402, 'one failed', (relaxed, failed))


def test_a_frame_has_a_row_for_each_slab_and_units_in_its_columns() -> None:
    frame = loaded().to_dataframe()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.index) == ['slab_00', 'slab_01']
    assert frame.loc['slab_00', 'energy_ev'] == -1.25
    assert {'thickness_angstrom', 'area_angstrom2', 'state', 'pk'} <= set(frame.columns)


def test_a_frame_without_slabs_has_the_same_columns() -> None:
    empty = LoadedRun(30, 'uuid', 'running', False, None, None, ())
    assert list(empty.to_dataframe().columns) == list(loaded().to_dataframe().columns)
    assert 'No slabs (yet).' in empty._repr_html_()


def test_html_shows_the_table_and_escapes_texts() -> None:
    html = loaded()._repr_html_()
    assert 'SlabRelaxWorkChain&lt;30&gt; finished [402]' in html
    assert '<td>-1.2500</td>' in html
    assert 'slab_01 failed: &lt;b&gt;bold&lt;/b&gt; &amp; \\x1b[31mred' in html
    assert '<b>bold' not in html


def test_structures_of_ase_and_pymatgen() -> None:
    run = loaded()
    assert list(run.atoms()) == list(run.structures()) == ['slab_00']
    assert list(run.atoms(relaxed=False)) == ['slab_00', 'slab_01']
    structure = run.structures()['slab_00']
    assert isinstance(structure, Structure)
    assert structure.cart_coords[-1, 2] == pytest.approx(run.atoms()['slab_00'].positions[-1, 2])


def test_figures_are_known_to_pyplot_and_their_panels_returned() -> None:
    panels = loaded().plot_relaxation()
    assert [type(axes) for axes in panels] == [Axes]
    (number,) = plt.get_fignums()
    assert plt.figure(number) is panels[0].figure
    loaded().plot_slabs()
    assert len(plt.get_fignums()) == 2


def test_only_keeps_the_methods() -> None:
    assert list(loaded().only(['slab_00']).to_dataframe().index) == ['slab_00']


def test_a_preview_is_a_table() -> None:
    found = preview(copper(), [1, 1, 1], min_slab_thickness=6)
    frame = found.to_dataframe()
    assert list(frame['plane']) == ['(111)']
    assert list(frame['kpoints']) == [[12, 12, 1]]
    html = found._repr_html_()
    assert '<td>12×12×1</td>' in html
    assert 'space group Fm-3m' in html


def test_load_refuses_other_nodes(aiida_profile: Any) -> None:
    with pytest.raises(ValueError, match='is a Int'):
        load(Int(1).store())


def test_load_a_run(aiida_profile: Any) -> None:
    node = WorkChainNode(process_type='aiida.workflows:slabrelax.relax')
    node.set_process_state(ProcessState.RUNNING)
    node.store()
    run = load(node.pk)
    assert isinstance(run, LoadedRun)
    assert (run.pk, run.state, run.slabs) == (node.pk, 'running', ())


@pytest.mark.parametrize(
    'workflow', [SlabRelaxWorkChain, SurfaceEnergiesWorkChain], ids=['slabs', 'energies']
)
@pytest.mark.parametrize('crystal', [bulk('Cu', 'fcc', a=3.6, cubic=True), copper()], ids=type)
def test_builders_take_structures_and_show_lists(
    workflow: Any, crystal: Atoms | Structure, aiida_profile: Any
) -> None:
    builder = workflow.get_builder()
    builder.bulk_structure = crystal
    builder.miller_indices = [[1, 1, 1], [1, 0, 0]]
    assert isinstance(builder.bulk_structure, StructureData)
    assert len(builder.bulk_structure.sites) == 4
    assert 'miller_indices:\n- - 1\n  - 1\n  - 1\n- - 1\n  - 0\n  - 0\n' in str(builder)


def test_builders_keep_the_moments_of_atoms(aiida_profile: Any) -> None:
    atoms = bulk('Fe', 'bcc', a=2.87, cubic=True)
    atoms.set_initial_magnetic_moments([2.2, -2.2])
    builder = SlabRelaxWorkChain.get_builder()
    builder.bulk_structure = atoms
    assert len(builder.bulk_structure.kinds) == 2


def test_a_value_that_is_no_structure_is_refused(aiida_profile: Any) -> None:
    builder = SlabRelaxWorkChain.get_builder()
    with pytest.raises((TypeError, ValueError)):
        builder.bulk_structure = object()


def test_surface_energies() -> None:
    surfaces = [
        Surface(
            f'slab_{number:02d}',
            'Cu8',
            plane,
            6.48,
            SurfaceEnergy(EnergyPerArea(gamma / 16.02176634), {}, None, True),
            {},
            {},
        )
        for number, (plane, gamma) in enumerate({(1, 1, 1): 1.0, (1, 0, 0): 1.1}.items())
    ]
    energies = LoadedEnergies(91, 'uuid', copper(), tuple(surfaces), {}, {}, None)
    frame = energies.to_dataframe()
    assert list(frame['surface_energy_j_per_m2'].round(6)) == [1.0, 1.1]
    (axes,) = energies.plot_wulff()
    assert plt.get_fignums() == [axes.figure.number]
    assert '<td>(111)</td>' in energies._repr_html_()
    assert energies.runs() == []
