"""The magnetic order that a relaxation began with, and whether it still is at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiida.orm import StructureData, WorkChainNode

from ...engine.links import inputs_of
from ...parsers.kinds import moments_of
from ...parsers.site_moments import read_moments

MAGNETIC = 0.5
"""Sites that begin with a smaller moment (μB), such as ligands, do not belong to the order."""

KEPT = 0.25
"""A site that ends with no more than this part of its moment has lost it. VASP counts what is in a
sphere around the atom, which is less than what the ion has."""


def find_lost_order(
    slab: StructureData, relaxation: WorkChainNode, misc: Mapping[str, Any]
) -> str | None:
    """Return which sites of a relaxed slab have lost their order, in words; None if none has.

    Only an order that was given counts: the moments of a crystal, or some up and some down. Else
    atoms begin with a moment only so that VASP finds whether they have any.

    :param slab: as it was cut or given.
    :param misc: the content of the output ``misc`` of the relaxation.
    """
    last = read_moments(misc)
    if last is None or len(last) != len(slab.sites):
        return None
    first = _first_moments(slab, relaxation)
    if first is None or not (moments_of(slab) or min(first) < 0 < max(first)):
        return None
    return describe_lost_order(slab.get_site_kindnames(), first, last)


def _first_moments(slab: StructureData, relaxation: WorkChainNode) -> list[float] | None:
    """Return the moment (μB) with which each site began; None if that of one is not known."""
    inputs = inputs_of(relaxation)
    parameters = inputs['parameters'].get_dict() if 'parameters' in inputs else {}
    incar = {str(tag).lower(): value for tag, value in parameters.get('incar', {}).items()}
    mapping = inputs['magmom_mapping'].get_dict() if 'magmom_mapping' in inputs else {}
    kinds = {**moments_of(slab), **mapping}
    try:
        if incar.get('magmom') is not None and not mapping:
            found = [float(one) for one in incar['magmom']]
        else:
            found = [float(kinds[name]) for name in slab.get_site_kindnames()]
    except (KeyError, TypeError, ValueError):
        return None
    return found if len(found) == len(slab.sites) else None


def describe_lost_order(
    kinds: Sequence[str], first: Sequence[float], last: Sequence[float]
) -> str | None:
    """Return which kinds have lost their moments or have turned over, in words; None if none has.

    To reverse all moments at once changes nothing.

    :param kinds: the name of the kind of each site.
    :param first: the moment with which each began, in μB.
    :param last: that with which it ended, in μB.
    """
    sites = [one for one in zip(kinds, first, last, strict=True) if abs(one[1]) >= MAGNETIC]
    sign = 1.0 if sum(began * ended for _, began, ended in sites) >= 0 else -1.0
    changes = []
    for kind in sorted({name for name, _, _ in sites}):
        moments = [(began, ended) for name, began, ended in sites if name == kind]
        lost = [abs(ended) for began, ended in moments if abs(ended) <= KEPT * abs(began)]
        kept = [one for one in moments if abs(one[1]) > KEPT * abs(one[0])]
        turned = sum(sign * began * ended < 0 for began, ended in kept)
        began = max((one for one, _ in moments), key=abs)
        if lost:
            changes.append(
                f'{len(lost)} of {len(moments)} {kind} began with {began:.3g} μB and ended with '
                f'{max(lost):.2g} μB at most'
            )
        if turned:
            changes.append(
                f'{turned} of {len(moments)} {kind} began with {began:.3g} μB and turned over'
            )
    return '; '.join(changes) or None
