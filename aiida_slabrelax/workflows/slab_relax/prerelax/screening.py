"""Slabs whose surface energy is far too high after the pre-relaxation are not relaxed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiida.common import AttributeDict
from aiida.engine.processes.workchains.awaitable import Awaitable
from aiida.orm import Dict, ProcessNode, StructureData

from ....engine.children import find_child
from ....engine.links import outputs_of
from ....results.generators import bulk_behind, noted_by_generators
from ....results.relaxations.sources import describe_failure, find_source
from ....results.runs import SCREENING
from ...vasp.work_chain import VaspWorkChain
from ..relaxation_inputs import begin_with_moments
from .screen_slabs import screen_slabs
from .stage import PreRelaxingWorkChain, name, prerelaxes

#: Before the name of a phase (``bulk``, or an element), the label of the link to its calculation.
PHASE = 'screen__'


def screens(inputs: Mapping[str, Any]) -> bool:
    """Return whether slabs are screened.

    :param inputs: those of the work chain.
    """
    return prerelaxes(inputs) and inputs.get('screen') is not None


def bulk_of(inputs: Mapping[str, Any]) -> StructureData | None:
    """Return the crystal of the slabs of a run; None if it is not known, or not a single one.

    :param inputs: those of the work chain.
    """
    bulk: StructureData | None = inputs.get('bulk_structure')
    return bulk_behind(inputs.get('slabs') or {}) if bulk is None else bulk


def screening_phases(inputs: Mapping[str, Any]) -> dict[str, StructureData]:
    """Return the phases with which slabs are compared, by name.

    :param inputs: those of a work chain that screens.
    """
    bulk = bulk_of(inputs)
    assert bulk is not None  # the validator has checked it
    return {'bulk': bulk, **inputs.get('screen_references', {})}


def phase_inputs(shared: Mapping[str, Any], phase: str, structure: StructureData) -> AttributeDict:
    """Return the inputs of a phase: those of pre-relaxations, with its own k-points.

    Its cell is kept, as that of the slabs is: strain that a wrong lattice constant causes is in
    both.

    :param shared: the inputs of all pre-relaxations.
    """
    inputs = begin_with_moments(
        AttributeDict({port: node for port, node in shared.items() if node is not None}), structure
    )
    inputs.structure = structure
    inputs.metadata = AttributeDict({**inputs.get('metadata', {}), 'label': phase})
    return inputs


class ScreeningWorkChain(PreRelaxingWorkChain):
    """A window that compares all pre-relaxed slabs before the first relaxation.

    In ``ctx.remaining`` phases wait under their labels, which no slab has: :data:`PHASE`.
    """

    def prepare_prerelaxations(self) -> None:
        """Queue the phases with which the energies of slabs are compared, before the slabs."""
        super().prepare_prerelaxations()
        if not screens(self.inputs):
            return
        for label in sorted(set(self.ctx.starts) & set(self.ctx.remaining)):
            self.report(f'{label}: goes on from an earlier run and is not screened')
        # The lowest of a single slab is the slab.
        if len(set(self.ctx.remaining) - set(self.ctx.starts)) > 1:
            self.ctx.remaining = [
                *map(PHASE.__add__, screening_phases(self.inputs)),
                *self.ctx.remaining,
            ]
        else:
            self.ctx.screened = True

    def waits_for_prerelaxation(self, label: str) -> bool:
        """Return whether a slab must be pre-relaxed before, or the label is that of a phase."""
        return label.startswith(PHASE) or super().waits_for_prerelaxation(label)

    def prerelaxation_link(self, label: str) -> str:
        """Return the label of the link to the pre-relaxation of a slab, or to a phase."""
        return label if label.startswith(PHASE) else super().prerelaxation_link(label)

    def submit_prerelaxation(self, label: str) -> None:
        """Submit the pre-relaxation of a slab, or the relaxation of a phase with its inputs."""
        if not label.startswith(PHASE):
            super().submit_prerelaxation(label)
            return
        phase = label.removeprefix(PHASE)
        shared = self.exposed_inputs(VaspWorkChain, namespace='prerelax')
        inputs = phase_inputs(shared, phase, screening_phases(self.inputs)[phase])
        node = self.submit_child(VaspWorkChain, label, **inputs)
        self.report(f'screen: launching {name(node)} of {phase}')
        self.await_prerelaxation(label, node)

    def await_prerelaxation(self, label: str, node: ProcessNode) -> None:
        """Await the pre-relaxation of a slab, or a phase."""
        if label.startswith(PHASE):
            self.to_context(**{f'phases.{label.removeprefix(PHASE)}': node})
        else:
            super().await_prerelaxation(label, node)

    def queue(self, label: str) -> None:
        """Queue a slab whose relaxation can start; with a screening, that comes first."""
        if not screens(self.inputs) or self.ctx.screened:
            super().queue(label)

    def gather_prerelaxations(self) -> None:
        """Decide from where relaxations start; when all are known, which slabs are relaxed."""
        super().gather_prerelaxations()
        running = [*self.ctx.prerelaxations.values(), *self.ctx.phases.values()]
        waiting = any(map(self.waits_for_prerelaxation, self.ctx.remaining))
        if (
            screens(self.inputs)
            and not self.ctx.screened
            and not waiting
            and not any(isinstance(node, Awaitable) for node in running)
        ):
            self._screen()

    def _screen(self) -> None:
        """Leave slabs out that lie too high, and queue all others."""
        waiting = set(self.ctx.prerelaxations)
        found = self._compare()
        self.ctx.screened = True
        for label, entry in sorted(found.items()):
            if (why := entry.get('refused')) is not None:
                self.report(f'{label}: not screened: {why}')
            elif entry['excluded'] is not None:
                self.ctx.excluded[label] = entry['excluded']
                self.report(f'{label}: excluded: {entry["excluded"]}')
            else:
                self.report(f'{label}: {entry["excess"]["J/m²"]:.3f} J/m² above the lowest')
        slabs = self.ctx.slabs
        for label in sorted(waiting, key=lambda label: (len(slabs[label].sites), label)):
            if label not in self.ctx.excluded:
                self.queue(label)

    def _compare(self) -> dict[str, Any]:
        """Return the content of the output ``screening``; empty if the bulk has no energy."""
        # This worker may have a predecessor, which has called it already.
        node = find_child(self.node, SCREENING)
        if node is None or not node.is_finished_ok:
            if (inputs := self._screening_inputs()) is None:
                return {}
            _, node = screen_slabs.run_get_node(**inputs)
        screening: Dict = outputs_of(node)['screening']
        self.out('screening', screening)
        content: dict[str, Any] = screening.get_dict()
        return content

    def _screening_inputs(self) -> dict[str, Any] | None:
        phases = {phase: find_source(node) for phase, node in self.ctx.phases.items()}
        for phase, source in sorted(phases.items()):
            if source is None:
                why = describe_failure(self.ctx.phases[phase])
                self.report(f'screen: {phase} has no energy, no slab is left out: {why}')
                return None
        # A slab whose pre-relaxation is not used has no energy that could be compared.
        used = {
            label: find_source(node)
            for label, node in self.ctx.prerelaxations.items()
            if self.ctx.starts[label].uuid != self.ctx.slabs[label].uuid
        }
        if len(used) < 2:
            self.report('screen: fewer than two slabs to compare, none is left out')
            return None
        slabs = {label: self.ctx.slabs[label] for label in used}
        structures = screening_phases(self.inputs)
        return {
            'screen': self.inputs.screen,
            'slabs': slabs,
            'misc': {label: source.misc for label, source in used.items() if source is not None},
            'terminations': {
                f'generator_{number}': node
                for number, node in enumerate(noted_by_generators(slabs))
            },
            'phases': {phase: structures[phase] for phase in phases},
            'phases_misc': {
                phase: source.misc for phase, source in phases.items() if source is not None
            },
            'metadata': {'call_link_label': SCREENING},
        }
