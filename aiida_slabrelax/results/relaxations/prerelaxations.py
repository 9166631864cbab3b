"""The pre-relaxations of slabs, read from the provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiida.common import LinkType
from aiida.orm import CalcFunctionNode, StructureData, WorkChainNode

from ...engine.links import inputs_of, links_of, outputs_of
from ..runs import START, prerelaxation_links, relaxations_of, slabs_of
from .programs import program_of
from .screening import awaits_screening
from .sources import calculations, count_ionic_steps, describe_failure, find_source


@dataclass(frozen=True)
class PreRelaxation:
    """A relaxation of a slab before its own, with a cheaper program.

    :ivar pk: the pk of the VaspWorkChain.
    :ivar state: ``running``; ``used`` if the relaxation of the slab starts from it, or ``unused``;
        ``ended`` if that is not decided.
    :ivar why: why it is not used, in words, beginning with the name of the test that it fails.
    :ivar ionic_steps: the number of its ionic steps.
    :ivar program: the program that computed it, and its version.
    """

    pk: int
    state: str
    why: str | None = None
    ionic_steps: int | None = None
    program: str | None = None

    def __str__(self) -> str:
        if self.state in ('running', 'ended'):
            return f'pre-relaxation {self.state}'
        if self.state == 'unused':
            return f'relaxed from the slab as it was cut, not from its pre-relaxation: {self.why}'
        steps = '' if self.ionic_steps is None else f' in {self.ionic_steps} ionic steps'
        return f'pre-relaxed{steps}{"" if self.program is None else f" with {self.program}"}'


def starts_of(run: WorkChainNode) -> dict[str, StructureData]:
    """Return the geometries from which relaxations start after pre-relaxations, as far as decided.

    A pre-relaxation that has failed decides nothing: it can be repeated. If the slabs were still to
    be compared, only relaxations that have begun count.

    :param run: a run that may have ended before the relaxations.
    """
    links = prerelaxation_links(run)
    if not links:
        return {}
    starts, slabs = {}, slabs_of(run)
    for label, decision in () if awaits_screening(run) else decisions_of(run).items():
        accepted = outputs_of(decision).get('start')
        starts[label] = slabs[label] if accepted is None else accepted
    for label, relaxation in relaxations_of(run).items():
        if label in links and (start := inputs_of(relaxation).get('structure')) is not None:
            starts[label] = start
    return starts


def decisions_of(run: WorkChainNode) -> Mapping[str, CalcFunctionNode]:
    """Return the calcfunctions that decided on pre-relaxed slabs, by the label of the slab."""
    return {
        link.label.removeprefix(START): link.node
        for link in links_of(run, (LinkType.CALL_CALC,))
        if link.label.startswith(START) and link.node.is_finished
    }


def read_prerelaxation(
    prerelaxation: WorkChainNode, decision: CalcFunctionNode | None
) -> PreRelaxation:
    """Return a pre-relaxation, with what was decided on it."""
    pk, steps = prerelaxation.pk, count_ionic_steps(prerelaxation)
    assert pk is not None
    if not prerelaxation.is_terminated:
        return PreRelaxation(pk, 'running', ionic_steps=steps)
    if (source := find_source(prerelaxation)) is None:
        return PreRelaxation(pk, 'unused', describe_failure(prerelaxation), steps)
    last = next(iter(calculations(prerelaxation)), None)
    program = program_of(source.misc.get_dict(), last)
    if decision is None:
        return PreRelaxation(pk, 'ended', ionic_steps=steps, program=program)
    why = None if decision.is_finished_ok else str(decision.exit_message)
    return PreRelaxation(pk, 'used' if why is None else 'unused', why, steps, program)
