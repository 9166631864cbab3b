"""The whole work chain with real VaspWorkChains, in this interpreter and through a real daemon."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from aiida.engine import run_get_node, submit
from aiida.orm import (
    CalcJobNode,
    ProcessNode,
    StructureData,
    WorkChainNode,
    load_node,
)
from ase.calculators.emt import EMT
from ase.optimize import BFGS

from aiida_slabrelax.results.slabs import collect
from sample_structures import (
    copper_slab,
    copper_slabs,
    nickel_oxide,
    tall_copper_slab,
)

INSTANT = {'VASP_STANDIN_MODEL': 'instant'}


def verdi(*arguments: str) -> str:
    """Run a command of verdi in the profile of the tests and return what it prints."""
    command = [str(Path(sys.executable).parent / 'verdi'), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def calculations(relaxation: WorkChainNode) -> list[CalcJobNode]:
    return [node for node in relaxation.called if isinstance(node, CalcJobNode)]


def energies(node: WorkChainNode) -> dict[str, float]:
    return {label: energy.value for label, energy in node.outputs.slab_energies.items()}


def outcome(node: ProcessNode) -> tuple[int | None, str | None]:
    return node.exit_status, node.exit_message


def relaxed_with_ase(slab: StructureData, fmax: float):
    atoms = slab.get_ase()
    atoms.calc = EMT()
    optimizer = BFGS(atoms, logfile=None)
    optimizer.run(fmax=fmax)
    return atoms, optimizer.nsteps + 1  # VASP counts the given structure as a step


@pytest.fixture
def run_by_daemon(submit_and_await, slab_relax_builder):
    """Return a function that submits the work chain with the given inputs and waits for its end."""

    def run(**kwargs) -> WorkChainNode:
        return submit_and_await(slab_relax_builder(**kwargs), timeout=300)

    return run


def test_several_surfaces_are_one_scatter(run_by_daemon):
    node = run_by_daemon(miller_indices=[[1, 0, 0], [1, -1, 0], [0, 0, 1]], environment=INSTANT)
    assert outcome(node) == (0, None)
    labels = ['slab_100_00', 'slab_1m10_00']
    assert sorted(node.outputs.relaxed_slabs) == sorted(node.outputs.slab_energies) == labels
    terminations = node.outputs.terminations.get_dict()
    assert {label: slab['miller_indices'] for label, slab in terminations.items()} == {
        'slab_100_00': [1, 0, 0],
        'slab_1m10_00': [1, -1, 0],
    }
    children = [child for child in node.called if isinstance(child, WorkChainNode)]
    assert max(child.ctime for child in children) < min(child.mtime for child in children)
    report = verdi('process', 'report', '--levelname', 'REPORT', str(node.pk))
    assert 'excluded: (001): equivalent to (100)' in report


def test_what_verdi_shows(run_by_daemon):
    node = run_by_daemon(slabs=copper_slabs(3, 4), environment=INSTANT)
    report = verdi('process', 'report', '--levelname', 'REPORT', str(node.pk))
    for label in ('cu_3', 'cu_4'):
        child = node.base.links.get_outgoing(link_label_filter=label).one().node
        assert f'{label}: launching VaspWorkChain<{child.pk}>' in report
        assert f'{label}: relaxed, ' in report
    assert '2 of 2 slabs relaxed' in report
    status = verdi('process', 'status', str(node.pk))
    assert f'SlabRelaxWorkChain<{node.pk}> Finished [0]' in status
    assert 'VaspWorkChain' in status
    assert 'gather_energies' in status


def test_the_plugin_explains_itself():
    text = verdi('plugin', 'list', 'aiida.workflows', 'slabrelax.relax')
    for word in ('miller_indices', 'min_slab_thickness', 'relaxed_slabs', 'slab_energies'):
        assert word in text
    for status in (310, 320, 401, 402):
        assert str(status) in text
    assert 'termination' in text


def test_the_status_counts_slabs_while_they_relax(
    started_daemon_client, slab_relax_builder, submit_and_await
):
    builder = slab_relax_builder(
        slabs=copper_slabs(3, 4), environment={**INSTANT, 'VASP_STANDIN_FAIL': 'slow=12@Cu4'}
    )
    node = submit(builder)
    seen: set[str | None] = set()
    deadline = time.monotonic() + 120
    while '1 of 2 slabs done' not in seen and time.monotonic() < deadline:
        seen.add(load_node(node.pk).process_status)
        time.sleep(0.1)
    assert {'0 of 2 slabs done', '1 of 2 slabs done'} <= seen
    assert outcome(submit_and_await(node, timeout=120)) == (0, None)


def test_energy_and_geometry_are_those_of_ase(slab_relax_builder):
    """Run in this interpreter, with ``engine.run``."""
    slab = copper_slab(4)
    outputs, node = run_get_node(slab_relax_builder(slabs={'cu': slab}, incar={'ediffg': -0.01}))
    assert outcome(node) == (0, None)
    expected, steps = relaxed_with_ase(slab, fmax=0.01)
    assert np.linalg.norm(expected.positions - slab.get_ase().positions, axis=1).max() > 0.02
    assert outputs['slab_energies']['cu'].value == pytest.approx(
        expected.get_potential_energy(), abs=1e-6
    )
    (result,) = collect(node).slabs
    assert result.energy == outputs['slab_energies']['cu'].value
    assert result.max_force == pytest.approx(
        np.linalg.norm(expected.get_forces(), axis=1).max(), abs=1e-5
    )
    assert result.max_force < 0.01
    assert result.ionic_steps == steps
    relaxed = outputs['relaxed_slabs']['cu'].get_ase()
    assert np.abs(relaxed.positions - expected.positions).max() < 1e-4


def test_from_a_verdi_run_script(started_daemon_client, slab_relax_builder, tmp_path):
    slab = copper_slab(3).store()
    builder = slab_relax_builder(slabs={'cu': slab}, environment=INSTANT)
    vasp = builder.vasp
    script = tmp_path / 'run.py'
    script.write_text(f"""
from aiida.engine import run_get_node
from aiida.orm import load_code, load_node
from aiida.plugins import WorkflowFactory

builder = WorkflowFactory('slabrelax.relax').get_builder()
builder.slabs = {{'cu': load_node({slab.pk})}}
builder.vasp.code = load_code({vasp.code.pk})
builder.vasp.kpoints_spacing = {vasp.kpoints_spacing.value}
builder.vasp.potential_family = {vasp.potential_family.value!r}
builder.vasp.potential_mapping = {vasp.potential_mapping.get_dict()!r}
builder.vasp.parameters = {vasp.parameters.get_dict()!r}
builder.vasp.calc.metadata.options = {dict(vasp.calc.metadata.options)!r}
outputs, node = run_get_node(builder)
print('energy', outputs['slab_energies']['cu'].value, 'exit', node.exit_status)
""")
    printed = verdi('run', str(script))
    assert 'exit 0' in printed
    assert 'energy -' in printed


def test_all_fail(run_by_daemon):
    node = run_by_daemon(
        slabs=copper_slabs(3, 4), environment={**INSTANT, 'VASP_STANDIN_FAIL': 'crash'}
    )
    assert node.exit_status == 401
    assert node.exit_message.startswith('All 2 relaxations failed: cu_3: VaspWorkChain<')
    assert '; cu_4: VaspWorkChain<' in node.exit_message
    assert 'relaxed_slabs' not in node.outputs
    assert 'slab_energies' not in node.outputs


def test_a_killed_relaxation_leaves_the_others(
    started_daemon_client, slab_relax_builder, submit_and_await
):
    builder = slab_relax_builder(
        slabs=copper_slabs(3, 4), environment={**INSTANT, 'VASP_STANDIN_FAIL': 'slow=60@Cu4'}
    )
    node = submit(builder)
    deadline = time.monotonic() + 120
    victim = None
    while victim is None and time.monotonic() < deadline:
        time.sleep(0.2)
        children = node.base.links.get_outgoing(link_label_filter='cu_4').all_nodes()
        if children and children[0].called:
            victim = children[0]
    assert victim is not None
    verdi('process', 'kill', str(victim.pk))
    submit_and_await(node, timeout=120)
    assert outcome(node) == (
        402,
        f'1 of 2 relaxations failed: cu_4: VaspWorkChain<{victim.pk}> was killed',
    )
    assert sorted(energies(node)) == ['cu_3']


def test_no_total_energy(run_by_daemon, slab_relax_builder, submit_and_await):
    builder = slab_relax_builder(slabs=copper_slabs(3), environment=INSTANT)
    builder.vasp.settings = {'parser_settings': {'exclude_quantity': ['total_energies']}}
    node = submit_and_await(builder, timeout=300)
    assert node.exit_status == 320
    assert node.exit_message.startswith('1 of 1 slabs have no total energy: cu_3: ')
    assert 'run_status' in node.exit_message
    assert sorted(node.outputs.relaxed_slabs) == ['cu_3']


@pytest.mark.parametrize('failures', ['', 'ionic#1'])
def test_an_antiferromagnet_keeps_its_kinds(run_by_daemon, tmp_path, failures):
    """Also when VaspWorkChain has to go on from the last geometry."""
    node = run_by_daemon(
        bulk_structure=nickel_oxide(),
        environment={
            **INSTANT,
            'VASP_STANDIN_FAIL': failures,
            'VASP_STANDIN_STATE': str(tmp_path),
        },
        incar={'ispin': 2},
    )
    assert outcome(node) == (0, None)
    generated, relaxed = node.outputs.generated_slabs.slab_00, node.outputs.relaxed_slabs.slab_00
    assert {'Ni1', 'Ni2', 'O'} == set(relaxed.get_kind_names())
    assert [s.kind_name for s in relaxed.sites] == [s.kind_name for s in generated.sites]
    relaxation = node.base.links.get_outgoing(link_label_filter='slab_00').one().node
    assert len(calculations(relaxation)) == (2 if failures else 1)


def test_one_kpoint_along_the_normal_of_a_tall_slab(run_by_daemon, slab_relax_builder):
    node = run_by_daemon(
        slabs={'tall': tall_copper_slab()}, environment=INSTANT, kpoints_spacing=0.03
    )
    relaxation = node.base.links.get_outgoing(link_label_filter='tall').one().node
    kpoints = calculations(relaxation)[0].base.repository.get_object_content('KPOINTS')
    # 2.546 Å in the plane: 1 / (2.546 × 0.03) = 13.1
    assert kpoints.splitlines()[3].split() == ['14', '14', '1']
