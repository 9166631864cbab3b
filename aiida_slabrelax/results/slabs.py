"""What a run has come to, read from the provenance graph, finished or running."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from aiida.orm import (
    CalcFunctionNode,
    CalcJobNode,
    Float,
    Node,
    ProcessNode,
    StructureData,
    WorkChainNode,
)
from ase import Atoms
from pymatgen.core.composition import Composition

from ..calculations.structures import to_atoms
from ..engine.links import CALLS, creator_of, inputs_of, links_of, outputs_of, read_ahead
from ..parsers.diagnosis import warnings_of
from ..surfaces import SlabGeometry, check_cell, format_composition
from .failed_slabs import Failure, read_failure
from .relaxations import (
    READ_AGAIN,
    calculations,
    find_source,
    has_converged,
    largest_force,
    total_energy,
)
from .rescues import Rescue, rescues_of
from .runs import (
    as_node,
    as_run,
    attempts_of,
    energy_links,
    previous_links,
    relaxation_links,
    slab_links,
)

#: So many slabs are read from the database at once.
TOGETHER = 50


@dataclass(frozen=True)
class SlabResult:
    """One slab and its relaxation.

    What is not known (yet) is ``None``.
    """

    label: str
    #: ``waiting``, ``running``, ``relaxed`` or ``failed``.
    state: str
    #: The formula as counted in the cell, ``Ag10P3O16``.
    formula: str
    n_atoms: int
    #: From the lowest to the highest atom along the surface normal, Å, before relaxation.
    thickness: float | None
    #: The area of one face of the cell, Å².
    area: float | None
    #: Total energy of the relaxed slab, eV.
    energy: float | None = None
    #: The largest force on an atom that may move, eV/Å; of a failed slab that of its last
    #: calculation, and likewise whether the forces (or energies) have converged.
    max_force: float | None = None
    converged: bool | None = None
    #: Ionic steps, summed over all calculations of the slab.
    ionic_steps: int | None = None
    #: The relaxation (a VaspWorkChain), of an earlier run if the slab was taken over.
    pk: int | None = None
    exit_status: int | None = None
    exit_message: str | None = None
    #: Whether the slab comes from an earlier run.
    taken_over: bool = False
    #: Whether the VaspWorkChain failed, but its last calculation has the relaxed slab.
    recovered: bool = False
    #: Whether the slab was read again from the retrieved files of its last calculation.
    read_again: bool = False
    #: How often the slab was run again with a cure: what it had failed of, and what was changed.
    rescues: tuple[Rescue, ...] = ()
    #: Of a relaxed slab, the errors and warnings from which VASP has gone on.
    warnings: tuple[str, ...] = ()
    #: What is known of the failure of a failed slab.
    failure: Failure | None = None
    initial: Atoms | None = field(default=None, compare=False, repr=False)
    relaxed: Atoms | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class RunResults:
    """A run of the ``SlabRelaxWorkChain`` and its slabs, sorted by label."""

    pk: int
    uuid: str
    #: The state of the process: ``created``, ``running``, ``waiting``, ``finished``, ``excepted``
    #: or ``killed``.
    state: str
    paused: bool
    exit_status: int | None
    exit_message: str | None
    slabs: tuple[SlabResult, ...]

    @property
    def n_done(self) -> int:
        """Return how many slabs have ended, relaxed or failed."""
        return sum(slab.state in ('relaxed', 'failed') for slab in self.slabs)

    @property
    def comparable(self) -> bool:
        """Return whether the total energies may be compared: all slabs of one composition."""
        return len({slab.formula for slab in self.slabs}) <= 1

    def only(self, labels: Sequence[str]) -> RunResults:
        """Return the same run with some of its slabs only.

        :param labels: their labels, or patterns such as ``slab_1*``.
        :raises ValueError: if one fits no slab.
        """
        for one in labels:
            if not any(fnmatchcase(slab.label, one) for slab in self.slabs):
                there = ', '.join(slab.label for slab in self.slabs[:5]) or 'none'
                more = ', …' if len(self.slabs) > 5 else ''
                raise ValueError(f'no slab is called {one!r}; there are: {there}{more}')
        fits = [slab for slab in self.slabs if any(fnmatchcase(slab.label, one) for one in labels)]
        return replace(self, slabs=tuple(fits))


def collect(node: Node | int | str) -> RunResults:
    """Read the results of a run.

    :param node: a ``SlabRelaxWorkChain``, at any stage: the node, its pk or its uuid.
    :raises NotExistent: if there is no such node.
    :raises ValueError: if it is the node of something else.
    """
    run = as_run(as_node(node))
    assert run.pk is not None
    state = run.process_state
    return RunResults(
        pk=run.pk,
        uuid=str(run.uuid),
        state=state.value if state is not None else 'created',
        paused=run.paused,
        exit_status=run.exit_status,
        exit_message=run.exit_message,
        slabs=tuple(_slab_results(run)),
    )


def _slab_results(run: WorkChainNode) -> list[SlabResult]:
    """Return the slabs of a run, sorted by label."""
    slabs, children = slab_links(run), relaxation_links(run)
    taken_over, energies = previous_links(run, 'relaxed_slabs'), energy_links(run)
    ended = run.is_terminated
    labels, results = sorted(slabs), []
    for start in range(0, len(labels), TOGETHER):
        some = labels[start : start + TOGETHER]
        links = (slabs, children, taken_over, energies)
        found = [{label: one[label] for label in some if label in one} for one in links]
        with read_ahead({link.pk for one in found for link in one.values()}):
            for label in some:
                nodes: list[Any] = [one[label].node if label in one else None for one in found]
                results.append(_slab_result(label, ended, *nodes))
    return results


def _slab_result(
    label: str,
    ended: bool,
    slab: StructureData,
    child: WorkChainNode | None,
    taken_over: StructureData | None,
    energy: Float | None,
) -> SlabResult:
    """Return a slab of a run.

    :param ended: whether the run has.
    :param child: its relaxation in this run.
    :param taken_over: what the run was given as the relaxed slab.
    :param energy: what it has gathered or was given as its energy.
    """
    atoms = to_atoms(slab)
    thickness, area = _measure(atoms)
    known: dict[str, Any] = {
        'label': label,
        'formula': format_composition(Composition(Counter(atoms.symbols))),
        'n_atoms': len(atoms),
        'thickness': thickness,
        'area': area,
        'taken_over': taken_over is not None,
        'initial': atoms,
    }
    if taken_over is not None:
        child = _relaxation_behind(taken_over)
        if child is None:  # given by hand
            known['energy'] = None if energy is None else energy.value
            return SlabResult(state='relaxed', relaxed=to_atoms(taken_over), **known)
    if child is None:
        return SlabResult(state='failed' if ended else 'waiting', **known)
    known |= {'pk': child.pk, 'exit_status': child.exit_status, 'exit_message': child.exit_message}
    known['rescues'] = tuple(rescues_of(child))
    if not child.is_terminated:
        return SlabResult(state='running', **known)
    known['ionic_steps'] = _ionic_steps(child)
    if (source := find_source(child)) is None:
        known |= _convergence(next(iter(calculations(child)), None))
        return SlabResult(state='failed', failure=read_failure(child), **known)
    return SlabResult(
        state='relaxed',
        recovered=isinstance(source.process, CalcJobNode),
        read_again=isinstance(source.process, CalcFunctionNode),
        warnings=warnings_of(calculations(child)[0]) if calculations(child) else (),
        energy=total_energy(source.misc) if energy is None else energy.value,
        **_convergence(source.process),
        relaxed=to_atoms(source.structure),
        **known,
    )


def _measure(atoms: Atoms) -> tuple[float | None, float | None]:
    """Return the thickness of a slab (Å) and the area of a face (Å²); of no real slab, None."""
    if check_cell(atoms.cell.array, 'slab') or not len(atoms):
        return None, None
    if not np.isfinite(atoms.positions).all():
        return None, None
    geometry = SlabGeometry.of_cell(atoms.cell.array, atoms.get_scaled_positions(wrap=False))
    return geometry.thickness, geometry.area


def _convergence(process: ProcessNode | None) -> dict[str, Any]:
    """Return what a process tells of convergence, as attributes of a :class:`SlabResult`."""
    node = outputs_of(process).get('misc') if process is not None else None
    if process is None or node is None:
        return {}
    misc = node.get_dict()
    return {'max_force': largest_force(process, misc), 'converged': has_converged(misc)}


def _relaxation_behind(structure: Node) -> WorkChainNode | None:
    """Return the relaxation that a relaxed slab came out of."""
    creator = creator_of(structure)
    if isinstance(creator, CalcFunctionNode) and creator.process_label == READ_AGAIN:
        creator = creator_of(inputs_of(creator)['retrieved'])
    called = links_of(creator, CALLS, incoming=True) if creator is not None else []
    caller = called[0].node if called else None
    return caller if isinstance(caller, WorkChainNode) else None


def _ionic_steps(relaxation: WorkChainNode) -> int | None:
    """Return the ionic steps of all calculations of a slab that said how many they took."""
    called = [one for tried in attempts_of(relaxation) for one in calculations(tried)]
    found = [outputs_of(calculation).get('misc') for calculation in called]
    status = [misc.get_dict().get('run_status', {}) for misc in found if misc is not None]
    steps = [one['last_iteration_index'][0] for one in status if 'last_iteration_index' in one]
    return sum(steps) if steps else None
