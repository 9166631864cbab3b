"""The pre-relaxations of slabs, in the window of their relaxations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiida.common import AttributeDict
from aiida.engine.processes.workchains.awaitable import Awaitable
from aiida.orm import Dict, ProcessNode, StructureData, WorkChainNode

from ....calculations.take_prerelaxed import take_prerelaxed
from ....engine.children import find_child
from ....engine.links import inputs_of, outputs_of
from ....engine.window import WindowWorkChain
from ....results.relaxations.sources import Source, describe_failure, find_source
from ....results.runs import PRERELAXATION, START
from ...vasp.work_chain import VaspWorkChain
from ..own_inputs import make_own_inputs, read_own_inputs, sources
from ..relaxation_inputs import relaxation_inputs

#: The label of the link to the calcfunction that makes the inputs in which pre-relaxations differ.
OWN = 'own__prerelax'

#: The input of the work chain that pre-relaxations share with relaxations, besides the fixed sites.
RULE = 'dipole_correction'


def prerelaxes(inputs: Mapping[str, Any]) -> bool:
    """Return whether slabs are pre-relaxed.

    :param inputs: those of the work chain.
    """
    return bool(inputs.get('prerelax'))


def prerelaxation_inputs(
    shared: Mapping[str, Any],
    own: Mapping[str, Any],
    label: str,
    slab: StructureData,
    dynamics: Dict | None,
) -> AttributeDict:
    """Return the inputs of the pre-relaxation of a slab.

    :param shared: the inputs ``prerelax``, by port of VaspWorkChain.
    :param own: those of this slab, as :mod:`..own_inputs` makes them.
    :param label: the label of the slab.
    :param slab: the slab as it was cut or given.
    :param dynamics: the selective dynamics of its relaxation.
    """
    inputs = relaxation_inputs({}, shared, own, f'{label} pre-relaxation', slab)
    if dynamics is not None:
        inputs.dynamics = dynamics
    return inputs


class PreRelaxingWorkChain(WindowWorkChain):
    """A window of relaxations, each of which may have a pre-relaxation before it.

    ``ctx.prerelaxations`` has these by label, as nodes or awaitables; ``ctx.starts`` the geometries
    from which relaxations start: a slab with an entry there needs no pre-relaxation (any more).
    """

    def prepare_prerelaxations(self) -> None:
        """Record what needs no pre-relaxation: slabs that go on from an earlier run."""
        if prerelaxes(self.inputs):
            self.ctx.starts = dict(self.inputs.get('previous', {}).get('geometries', {}))

    def waits_for_prerelaxation(self, label: str) -> bool:
        """Return whether a slab must be pre-relaxed before it is relaxed."""
        return prerelaxes(self.inputs) and label not in self.ctx.starts

    def prerelaxation_link(self, label: str) -> str:
        """Return the label of the link to the pre-relaxation of a slab."""
        return f'{PRERELAXATION}{label}'

    def submit_prerelaxation(self, label: str) -> None:
        """Submit the pre-relaxation of a slab."""
        link = self.prerelaxation_link(label)
        node = self.submit_child(VaspWorkChain, link, **self._prerelaxation_inputs(label))
        self.report(f'{label}: launching the pre-relaxation {name(node)}')
        self.await_prerelaxation(label, node)

    def await_prerelaxation(self, label: str, node: ProcessNode) -> None:
        """Await the pre-relaxation of a slab, launched now or by an earlier worker."""
        self.to_context(**{f'prerelaxations.{label}': node})

    def _prerelaxation_inputs(self, label: str) -> AttributeDict:
        shared = self.exposed_inputs(VaspWorkChain, namespace='prerelax')
        of_relaxation = read_own_inputs(self.ctx.own_inputs, label)
        dynamics = of_relaxation.get('dynamics', self.inputs.vasp.get('dynamics'))
        own = read_own_inputs(self._own_prerelax_inputs(shared), label)
        return prerelaxation_inputs(shared, own, label, self.ctx.slabs[label], dynamics)

    def _own_prerelax_inputs(self, shared: Mapping[str, Any]) -> ProcessNode:
        """Return the calcfunction that has made the inputs in which pre-relaxations differ."""
        if self.ctx.own_prerelax_inputs is None:
            node = find_child(self.node, OWN)
            if node is None or not node.is_finished_ok:
                slabs = {label: self.ctx.slabs[label] for label in self._to_prerelax()}
                given = sources({RULE: self.inputs[RULE]}, shared, slabs)
                _, node = make_own_inputs.run_get_node(**given, metadata={'call_link_label': OWN})
            self.ctx.own_prerelax_inputs = node
        made: ProcessNode = self.ctx.own_prerelax_inputs
        return made

    def _to_prerelax(self) -> list[str]:
        previous = self.inputs.get('previous', {})
        known = {*previous.get('relaxed_slabs', {}), *previous.get('geometries', {})}
        return [label for label in self.ctx.slabs if label not in known]

    def prerelaxation_ended(self) -> bool:
        """Return whether a pre-relaxation has ended whose slab waits for the decision."""
        return any(
            not isinstance(node, Awaitable) and label not in self.ctx.starts
            for label, node in self.ctx.prerelaxations.items()
        )

    def gather_prerelaxations(self) -> None:
        """Decide from where the relaxation of each pre-relaxed slab starts, and queue it."""
        for label, node in sorted(self.ctx.prerelaxations.items()):
            if isinstance(node, Awaitable) or label in self.ctx.starts:
                continue
            self.ctx.starts[label] = self._start_after(label, node)
            self.queue(label)

    def queue(self, label: str) -> None:
        """Queue a slab whose relaxation can start."""
        self.ctx.remaining.insert(0, label)

    def _start_after(self, label: str, prerelaxation: WorkChainNode) -> StructureData:
        """Return the geometry from which a relaxation starts: pre-relaxed, or as it was cut."""
        slab: StructureData = self.ctx.slabs[label]
        source = find_source(prerelaxation)
        if source is None:
            self._begin_from_cut(label, describe_failure(prerelaxation))
            return slab
        decision = self._decide(label, slab, source, prerelaxation)
        if not decision.is_finished_ok:
            self._begin_from_cut(label, str(decision.exit_message))
            return slab
        self.report(f'{label}: pre-relaxed; its relaxation starts from there')
        start: StructureData = outputs_of(decision)['start']
        return start

    def _decide(
        self, label: str, slab: StructureData, source: Source, prerelaxation: WorkChainNode
    ) -> ProcessNode:
        """Return the calcfunction that has checked a pre-relaxed slab."""
        # This worker may have a predecessor, which has called it already.
        decision = find_child(self.node, f'{START}{label}')
        if decision is None or not decision.is_finished:
            given: dict[str, Any] = {
                'slab': slab,
                'prerelaxed': source.structure,
                'misc': source.misc,
            }
            if (dynamics := inputs_of(prerelaxation).get('dynamics')) is not None:
                given['dynamics'] = dynamics
            given['metadata'] = {'call_link_label': f'{START}{label}'}
            _, decision = take_prerelaxed.run_get_node(**given)
        found: ProcessNode = decision
        return found

    def _begin_from_cut(self, label: str, why: str) -> None:
        self.report(
            f'{label}: the pre-relaxation is not used, its relaxation starts from the slab as it '
            f'was cut: {why}'
        )


def name(node: ProcessNode) -> str:
    """Return the name of a process in reports: ``VaspWorkChain<12>``."""
    return f'{node.process_label}<{node.pk}>'
