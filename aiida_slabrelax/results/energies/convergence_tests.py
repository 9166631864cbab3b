"""Surface energies of several runs that differ in one setting, such as the k-point spacing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiida.orm import Node

from ...surfaces import format_plane
from .surface_data import Surface, SurfaceResults
from .surface_energies import collect_surface_energies

#: The settings that are numbers and have a name and a unit of their own; tags of the INCAR follow.
_NAMES = {
    'kpoints_spacing': 'k-point spacing (2π/Å)',
    'vacuum': 'vacuum (Å)',
    'requested_thickness': 'requested thickness (Å)',
    'incar.encut': 'cut-off (eV)',
}

#: What converges towards smaller numbers.
_TOWARDS_SMALLER = ('kpoints_spacing', 'incar.ediff', 'incar.sigma')


@dataclass(frozen=True)
class ConvergenceTest:
    """Surface energies against a setting.

    :ivar quantity: the name of the setting with its unit.
    :ivar towards_smaller: whether smaller numbers are the better ones.
    :ivar terminations: by plane and termination, pairs of the setting and γ (J/m²) at Δμ = 0, the
        better one last.
    :ivar programs: the programs that computed the total energies, with their versions.
    """

    quantity: str
    towards_smaller: bool
    terminations: Mapping[str, tuple[tuple[float, float], ...]]
    programs: tuple[str, ...] = ()


def convergence_test(nodes: Sequence[Node | int | str]) -> ConvergenceTest:
    """Read the surface energies of several runs that differ in one setting.

    That is the k-point spacing, the vacuum, the requested thickness, or a tag of the INCAR which
    matters for energies.

    :param nodes: the runs, by node, pk or uuid.
    :raises ValueError: if there are fewer than two, a run has no surface energies, or they are not
        of one crystal or differ in none or several settings.
    """
    if len(nodes) < 2:
        raise ValueError('a convergence needs at least two runs')
    runs = [collect_surface_energies(node) for node in nodes]
    crystals = sorted({run.bulk.given.composition.reduced_formula for run in runs})
    if len(crystals) > 1:
        raise ValueError(f'the runs are of different crystals: {", ".join(crystals)}')
    settings = [_settings(run) for run in runs]
    quantity = _find_difference(settings)
    towards_smaller = quantity in _TOWARDS_SMALLER
    points: dict[str, list[tuple[float, float]]] = {}
    for run, values in zip(runs, settings, strict=True):
        for surface in run.surfaces:
            gamma = float(surface.energy.constant.j_per_m2)
            points.setdefault(_name(surface), []).append((float(values[quantity]), gamma))
    return ConvergenceTest(
        quantity=_NAMES.get(quantity, quantity.removeprefix('incar.').upper()),
        towards_smaller=towards_smaller,
        terminations={
            name: tuple(sorted(found, reverse=towards_smaller))
            for name, found in sorted(points.items())
        },
        programs=tuple(sorted({program for run in runs for program in run.programs})),
    )


def _settings(run: SurfaceResults) -> dict[str, Any]:
    """Return the settings of a run by name, those of the INCAR as ``incar.encut``."""
    used = run.settings.get('bulk', {})
    found = {f'incar.{tag}': value for tag, value in used.get('incar', {}).items()}
    found |= {name: used[name] for name in ('kpoints_spacing', 'potentials') if name in used}
    for name in ('vacuum', 'requested_thickness'):
        values = {surface.termination.get(name) for surface in run.surfaces}
        (value, *others) = values
        if value is not None and not others:
            found[name] = round(value, 3)
    return found


def _find_difference(settings: Sequence[Mapping[str, Any]]) -> str:
    """Return the one setting in which all runs differ.

    :raises ValueError: if there is none, or several, or it is not a number.
    """
    names = sorted({name for values in settings for name in values})
    different = [name for name in names if len(set(map(repr, _values(settings, name)))) > 1]
    if not different:
        raise ValueError(
            f'the runs do not differ in {", ".join(_NAMES.values())} or a tag of the INCAR'
        )
    if len(different) > 1:
        shown = ', '.join(name.removeprefix('incar.') for name in different)
        raise ValueError(f'the runs differ in {shown}: a convergence is over one setting')
    (name,) = different
    if not all(isinstance(value, int | float) for value in _values(settings, name)):
        raise ValueError(f'the runs differ in {name.removeprefix("incar.")}, which is not a number')
    return name


def _values(settings: Sequence[Mapping[str, Any]], name: str) -> Iterator[Any]:
    return (values.get(name) for values in settings)


def _name(surface: Surface) -> str:
    """Return plane and termination, which are the same for every thickness and vacuum."""
    identity = surface.termination.get('identity') or surface.label
    plane = '' if surface.plane is None else f'{format_plane(surface.plane)} '
    return f'{plane}{identity}'
