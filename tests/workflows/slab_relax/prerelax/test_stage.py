"""The stage of pre-relaxations, on an instantiated process; no daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiida.engine import Process
from aiida.orm import Dict, Log, StructureData, WorkChainNode
from plumpy import ProcessState

from aiida_slabrelax.results import collect, relaxations_of
from aiida_slabrelax.results.runs import START, ended_run
from aiida_slabrelax.workflows import SlabRelaxWorkChain
from failed_relaxations import shifted
from sample_structures import copper_slab, copper_slabs
from transactions import one_transaction

MISC = {'total_energies': {'energy_extrapolated': -7.5}}


def reports(process: Any) -> list[str]:
    logs = Log.collection.get_logs_for(process.node)
    return [log.message.split(']: ', 1)[-1] for log in logs]


def squeezed(slab: StructureData, by: float = 0.99) -> StructureData:
    """The slab with all distances along the normal changed."""
    atoms = slab.get_ase()
    middle = atoms.positions[:, 2].mean()
    atoms.positions[:, 2] = middle + by * (atoms.positions[:, 2] - middle)
    return StructureData(ase=atoms)


def heights(slab: StructureData) -> list[float]:
    return [site.position[2] for site in slab.sites]


def gather(process: Any) -> None:
    """Gather as a step does: the process is the caller of what it runs."""
    with process._process_scope():
        process.gather_relaxations()


@pytest.fixture
def process(instantiate: Callable[..., Any]) -> Any:
    """A run of two slabs that is about to submit."""
    with one_transaction():
        process = instantiate(slabs=copper_slabs(3, 4), prerelax={})
        assert process.prepare_relaxations() is None
    return process


@pytest.fixture
def prerelax(end_relaxation: Callable[..., WorkChainNode]) -> Callable[..., WorkChainNode]:
    """Return a function that ends the pre-relaxation of a slab with a geometry."""

    def end(process: Any, label: str, reached: StructureData, **how: Any) -> WorkChainNode:
        process.ctx.remaining.remove(label)
        misc = Dict(how.pop('misc', MISC))
        return end_relaxation(process, f'prerelax__{label}', misc, reached, **how)

    return end


@pytest.fixture
def submitted(process: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """The inputs of the children that the process stores, by label; they do not run."""
    children: dict[str, dict[str, Any]] = {}

    def store(process_class: type[Process], label: str, **inputs: Any) -> WorkChainNode:
        children[label] = inputs
        node = WorkChainNode()
        node.set_process_label(process_class.__name__)
        return node.store()

    monkeypatch.setattr(process, 'submit_child', store)
    return children


def test_without_it_nothing_is_pre_relaxed(instantiate: Callable[..., Any]) -> None:
    process = instantiate(slabs=copper_slabs(3))
    process.prepare_relaxations()
    assert not process.waits_for_prerelaxation('cu_3')


def test_each_slab_is_pre_relaxed_first(process: Any, submitted: dict[str, Any]) -> None:
    process.submit_relaxations()
    assert sorted(submitted) == ['prerelax__cu_3', 'prerelax__cu_4']
    assert submitted['prerelax__cu_3']['structure'] is process.ctx.slabs['cu_3']
    assert process.ctx.remaining == []
    assert process.slabs_remain()
    assert process.describe_progress() == '0 of 2 slabs done'


def test_pre_relaxations_count_in_the_window(
    instantiate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = instantiate(slabs=copper_slabs(3, 4, 5), prerelax={}, max_concurrent=2)
    process.prepare_relaxations()
    monkeypatch.setattr(process, 'submit_child', lambda *_, **__: WorkChainNode().store())
    process.submit_relaxations()
    assert process.ctx.remaining == ['cu_3']
    assert sorted(process.ctx.prerelaxations) == ['cu_4', 'cu_5']


def test_the_relaxation_starts_from_the_pre_relaxed_slab(
    process: Any, prerelax: Callable[..., WorkChainNode], submitted: dict[str, Any]
) -> None:
    prerelax(process, 'cu_3', squeezed(copper_slab(3)))
    assert process.work_waits()
    gather(process)
    assert process.ctx.remaining == ['cu_3', 'cu_4']
    process.submit_relaxations()
    assert sorted(submitted) == ['cu_3', 'prerelax__cu_4']
    start = submitted['cu_3']['structure']
    assert heights(start) == pytest.approx(heights(squeezed(copper_slab(3))), abs=1e-9)
    assert start.creator.process_label == 'take_prerelaxed'
    assert reports(process)[0] == 'cu_3: pre-relaxed; its relaxation starts from there'


@pytest.mark.parametrize(
    ('reached', 'why'),
    [
        (lambda: shifted(copper_slab(3), 3.0), 'ATOMS LOST: 1 of 3 atoms are beyond a gap of'),
        (lambda: squeezed(copper_slab(3), 0.4), 'COLLAPSED: atoms '),
        (
            lambda: squeezed(copper_slab(3), -1.0),
            'LAYERS EXCHANGED: layer 0 and layer 1 from the top',
        ),
        (lambda: copper_slab(4), 'ATOMS LOST: it has 4 atoms of 3'),
    ],
    ids=['lost', 'collapsed', 'exchanged', 'other'],
)
def test_an_absurd_one_is_told_and_not_used(
    process: Any,
    prerelax: Callable[..., WorkChainNode],
    submitted: dict[str, Any],
    reached: Callable[[], StructureData],
    why: str,
) -> None:
    prerelax(process, 'cu_3', reached())
    gather(process)
    process.submit_relaxations()
    assert submitted['cu_3']['structure'] is process.ctx.slabs['cu_3']
    assert reports(process)[0].startswith(
        'cu_3: the pre-relaxation is not used, its relaxation starts from the slab as it was cut: '
        f'{why}'
    )


def test_one_without_an_energy_is_not_used(
    process: Any, prerelax: Callable[..., WorkChainNode]
) -> None:
    prerelax(process, 'cu_3', squeezed(copper_slab(3)), misc={'forces': []})
    gather(process)
    assert process.ctx.starts['cu_3'] is process.ctx.slabs['cu_3']
    assert 'NO ENERGY: none of energy_extrapolated' in reports(process)[0]


@pytest.mark.parametrize('state', [ProcessState.FINISHED, ProcessState.KILLED])
def test_one_that_failed_is_told_and_not_used(
    process: Any, prerelax: Callable[..., WorkChainNode], state: ProcessState
) -> None:
    status = 401 if state is ProcessState.FINISHED else None
    node = prerelax(
        process, 'cu_3', squeezed(copper_slab(3)), exit_status=status, state=state, exit_message='X'
    )
    gather(process)
    assert process.ctx.starts['cu_3'] is process.ctx.slabs['cu_3']
    ended = 'was killed' if status is None else 'failed with exit status 401: X'
    assert reports(process)[0].endswith(f'as it was cut: VaspWorkChain<{node.pk}> {ended}')


def test_a_decision_of_an_earlier_worker_is_not_made_again(
    process: Any, prerelax: Callable[..., WorkChainNode]
) -> None:
    prerelax(process, 'cu_3', squeezed(copper_slab(3)))
    gather(process)
    first = process.ctx.starts.pop('cu_3')  # as in its last checkpoint
    gather(process)
    assert process.ctx.starts['cu_3'].uuid == first.uuid
    calls = process.node.base.links.get_outgoing(link_label_filter=f'{START}%').all()
    assert len(calls) == 1


def test_the_child_of_an_earlier_worker_is_awaited(
    process: Any, end_relaxation: Callable[..., WorkChainNode], submitted: dict[str, Any]
) -> None:
    node = end_relaxation(process, 'prerelax__cu_4', Dict(MISC), copper_slab(4))
    del process.ctx.prerelaxations['cu_4']  # as in its last checkpoint
    process.submit_relaxations()
    assert sorted(submitted) == ['prerelax__cu_3']
    assert process.ctx.prerelaxations['cu_4'].pk == node.pk
    assert f'cu_4: awaiting the pre-relaxation VaspWorkChain<{node.pk}>, launched before' in (
        reports(process)
    )


def test_the_fixed_sites_are_those_of_the_relaxation(
    instantiate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = instantiate(slabs=copper_slabs(4), prerelax={}, fix={'layers': 2, 'side': 'bottom'})
    process.prepare_relaxations()
    children: dict[str, Any] = {}
    monkeypatch.setattr(
        process,
        'submit_child',
        lambda _, label, **inputs: children.setdefault(label, (inputs, WorkChainNode().store()))[1],
    )
    process.submit_relaxations()
    process.ctx.prerelaxations.clear()
    process.ctx.starts['cu_4'] = process.ctx.slabs['cu_4']
    process.ctx.remaining = ['cu_4']
    process.submit_relaxations()
    first, second = (children[label][0]['dynamics'] for label in ('prerelax__cu_4', 'cu_4'))
    assert first.uuid == second.uuid
    assert sum(not any(site) for site in first['positions_dof']) == 2


def test_each_stage_has_its_own_settings(
    instantiate: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = instantiate(
        slabs=copper_slabs(3), prerelax={'incar': {'encut': 250}}, dipole_correction='on'
    )
    process.prepare_relaxations()
    children: dict[str, Any] = {}
    monkeypatch.setattr(
        process,
        'submit_child',
        lambda _, label, **inputs: children.setdefault(label, (inputs, WorkChainNode().store()))[1],
    )
    process.submit_relaxations()
    inputs = children['prerelax__cu_3'][0]
    incar = inputs['parameters']['incar']
    assert (incar['encut'], incar['ldipol']) == (250, True)
    assert inputs['kpoints'].get_kpoints_mesh()[0][2] == 1
    assert inputs['metadata']['label'] == 'cu_3 pre-relaxation'


def test_a_pre_relaxation_is_no_relaxation_of_the_run(
    process: Any, prerelax: Callable[..., WorkChainNode]
) -> None:
    prerelax(process, 'cu_3', squeezed(copper_slab(3)))
    assert relaxations_of(process.node) == {}


def test_lists_in_its_incar_must_fit(instantiate: Callable[..., Any]) -> None:
    process = instantiate(slabs=copper_slabs(3), prerelax={'incar': {'magmom': [1.0]}})
    exit_code = process.prepare_relaxations()
    assert exit_code.status == 313
    assert 'prerelax, cu_3: MAGMOM has 1 values and needs 3' in exit_code.message


@pytest.fixture
def two_stages(
    process: Any,
    prerelax: Callable[..., WorkChainNode],
    end_relaxation: Callable[..., WorkChainNode],
) -> Any:
    """A run whose first slab failed after its pre-relaxation, whose second was never relaxed."""
    for label, reached in (
        ('cu_3', squeezed(copper_slab(3))),
        ('cu_4', shifted(copper_slab(4), 3)),
    ):
        prerelax(process, label, reached)
    gather(process)
    inputs = {'structure': process.ctx.starts['cu_3']}
    end_relaxation(process, 'cu_3', exit_status=401, inputs=inputs)
    return process


def test_what_is_read_of_both_stages(two_stages: Any) -> None:
    first, second = collect(two_stages.node).slabs
    assert (first.state, first.prerelaxation.state) == ('failed', 'used')
    assert (second.state, second.prerelaxation.state) == ('waiting', 'unused')
    assert second.prerelaxation.why.startswith('ATOMS LOST: 1 of 4 atoms')


def test_a_retry_pre_relaxes_nothing_again(two_stages: Any, end_run: Callable[..., Any]) -> None:
    end_run(two_stages, ProcessState.KILLED)
    builder = SlabRelaxWorkChain.get_builder_retry(two_stages.node)
    geometries = builder.previous.geometries
    assert geometries['cu_3'].uuid == two_stages.ctx.starts['cu_3'].uuid
    assert geometries['cu_4'].uuid == two_stages.ctx.slabs['cu_4'].uuid
    assert builder.prerelax.code.pk == two_stages.inputs.prerelax.code.pk


def test_a_retry_waits_for_a_pre_relaxation_that_runs(
    process: Any, prerelax: Callable[..., WorkChainNode], end_run: Callable[..., Any]
) -> None:
    node = prerelax(process, 'cu_3', copper_slab(3), state=ProcessState.RUNNING)
    node.set_checkpoint('a checkpoint')
    run = end_run(process, ProcessState.KILLED)
    with pytest.raises(ValueError, match=rf'VaspWorkChain<{node.pk}> of prerelax__cu_3 still runs'):
        ended_run(run)


def test_slabs_that_go_on_are_not_pre_relaxed(instantiate: Callable[..., Any]) -> None:
    geometry = squeezed(copper_slab(3)).store()
    process = instantiate(
        slabs=copper_slabs(3, 4), prerelax={}, previous={'geometries': {'cu_3': geometry}}
    )
    process.prepare_relaxations()
    assert not process.waits_for_prerelaxation('cu_3')
    assert process.waits_for_prerelaxation('cu_4')


def test_only_the_relaxation_counts(
    process: Any, prerelax: Callable[..., WorkChainNode], relax: Callable[..., WorkChainNode]
) -> None:
    for n in (3, 4):
        prerelax(process, f'cu_{n}', squeezed(copper_slab(n)))
    gather(process)
    process.ctx.remaining.clear()
    for label in ('cu_3', 'cu_4'):
        relax(process, label)
    gather(process)
    assert process.results() is None
    energies = {label: energy.value for label, energy in process.outputs['slab_energies'].items()}
    assert energies == {'cu_3': -1.5, 'cu_4': -1.5}
