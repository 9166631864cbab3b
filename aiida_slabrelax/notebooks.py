"""Results for notebooks: tables, figures that are shown, structures of ASE and pymatgen."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from aiida.manage import get_manager
from aiida.orm import Node, ProcessNode
from ase import Atoms
from matplotlib.axes import Axes
from pymatgen.core.structure import Structure

from . import plots
from .engine.lost import REMEDY, describe_lost, find_lost
from .plots.layout.new_figures import in_pyplot
from .results import RunResults, SurfaceResults, collect, collect_surface_energies
from .results.energies.surface_energies import has_surface_energies
from .results.runs import PROCESS_TYPE, as_node, runs_in
from .surfaces import from_ase


@dataclass(frozen=True)
class LoadedRun(RunResults):
    """A run of the ``SlabRelaxWorkChain``, with figures and structures.

    Figures are made by pyplot, so that a notebook shows them; each method returns its panels.
    """

    def atoms(self, relaxed: bool = True) -> dict[str, Atoms]:
        """Return the slabs as ASE atoms, by label.

        :param relaxed: those that have relaxed, with energies (eV) and forces (eV/Å); else all, as
            they were cut or given.
        """
        found = {slab.label: slab.relaxed if relaxed else slab.initial for slab in self.slabs}
        return {label: atoms for label, atoms in found.items() if atoms is not None}

    def structures(self, relaxed: bool = True) -> dict[str, Structure]:
        """Return the slabs as structures of pymatgen, by label.

        :param relaxed: those that have relaxed; else all, as they were cut or given.
        """
        return {label: from_ase(atoms) for label, atoms in self.atoms(relaxed).items()}

    def plot_slabs(self, *, width_mm: float | None = None) -> list[Axes]:
        """Draw each slab before and after its relaxation, see :func:`.plots.plot_slabs`."""
        with in_pyplot():
            return plots.plot_slabs(self, above=True, width_mm=width_mm).axes

    def plot_relaxation(
        self, unit: str = 'percent', *, width_mm: float | None = None
    ) -> list[Axes]:
        """Draw how the layers have moved, see :func:`.plots.plot_relaxation`."""
        with in_pyplot():
            return plots.plot_relaxation(self, unit, width_mm=width_mm).axes

    def plot_work_functions(self, *, width_mm: float | None = None) -> list[Axes]:
        """Draw the potential across each slab, see :func:`.plots.plot_work_functions`."""
        with in_pyplot():
            return plots.plot_work_functions(self, width_mm=width_mm).axes


@dataclass(frozen=True)
class LoadedEnergies(SurfaceResults):
    """Surface energies, with figures.

    Figures are made by pyplot, so that a notebook shows them; each method returns its panels.

    :ivar loaded_pk: the pk of the process that was loaded.
    """

    loaded_pk: int | None = None

    def runs(self) -> list[LoadedRun]:
        """Return the runs whose slabs have these energies, the oldest first."""
        node = as_node(self.loaded_pk) if self.loaded_pk is not None else None
        return [] if node is None else [LoadedRun(**_values(collect(run))) for run in runs_in(node)]

    def plot_surface_energies(
        self,
        element: str | None = None,
        delta_mu_ev: Mapping[str, float] | None = None,
        *,
        width_mm: float | None = None,
    ) -> list[Axes]:
        """Draw γ against a chemical potential, see :func:`.plots.plot_surface_energies`."""
        with in_pyplot():
            return plots.plot_surface_energies(
                self, element, delta_mu_ev or {}, width_mm=width_mm
            ).axes

    def plot_stability_map(
        self,
        elements: Sequence[str] | None = None,
        delta_mu_ev: Mapping[str, float] | None = None,
        *,
        width_mm: float | None = None,
    ) -> list[Axes]:
        """Draw the stable termination, see :func:`.plots.plot_stability_map`."""
        with in_pyplot():
            return plots.plot_stability_map(
                self, elements, delta_mu_ev or {}, width_mm=width_mm
            ).axes

    def plot_wulff(
        self, delta_mu_ev: Mapping[str, float] | None = None, *, width_mm: float | None = None
    ) -> list[Axes]:
        """Draw the shape of the crystal, see :func:`.plots.plot_wulff`."""
        with in_pyplot():
            return plots.plot_wulff(self, delta_mu_ev or {}, width_mm=width_mm).axes


def load(node: Node | int | str) -> LoadedRun | LoadedEnergies:
    """Return the results of a process, finished or not.

    >>> run = load(30)
    >>> run.to_dataframe()

    :param node: a ``SlabRelaxWorkChain``, or a process with surface energies: the node, its pk or
        its uuid. Of a workflow without surface energies yet, its only run is loaded.
    :raises NotExistent: if there is no such node.
    :raises ValueError: if it is another node, or its data are damaged.
    """
    node = as_node(node)
    if isinstance(node, ProcessNode):
        _warn_if_lost(node)
    if isinstance(node, ProcessNode) and node.process_type != PROCESS_TYPE:
        if has_surface_energies(node):
            energies = collect_surface_energies(node)
            return LoadedEnergies(**_values(energies), loaded_pk=node.pk)
        if len(runs := runs_in(node)) == 1:
            return LoadedRun(**_values(collect(runs[0])))
    return LoadedRun(**_values(collect(node)))


def _warn_if_lost(node: ProcessNode) -> None:
    """Warn of a process that was submitted and never arrived."""
    if node.process_state is not None and node.process_state.value == 'created':
        lost = [pk for pk in find_lost(get_manager().get_broker()) or () if pk == node.pk]
        if lost:
            warnings.warn(f'{describe_lost(lost)}: {REMEDY}', stacklevel=3)


def _values(results: Any) -> dict[str, Any]:
    return {field.name: getattr(results, field.name) for field in fields(results)}
