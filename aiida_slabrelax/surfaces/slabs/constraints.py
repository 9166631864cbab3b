"""Constraints: the fixed sites of a slab in a relaxation, in whole atomic layers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pymatgen.core.structure import Structure

from ...option_checks import check_count, check_positive
from ..bulk.kinds import kind_names
from .geometry import SlabGeometry, Vectors
from .layers import Layer, atomic_layers, layer_members

RUMPLING = 0.3
"""A layer can be this thick (Å): it may be rumpled."""

PERIOD_TOLERANCE = 0.05
"""Gaps (Å) between layers that differ by less repeat each other."""

HEIGHT_TOLERANCE = 0.01
"""A layer this little (Å) outside a thickness is within it: coordinates may have been rounded."""

SIDES = ('bottom', 'top', 'middle')


class FixingError(ValueError):
    """The rule for fixed layers does not apply to a slab; the message says why."""


def check_fixing(value: object) -> str | None:
    """Check the rule by which sites are fixed.

    :param value: a mapping with either ``layers``, an integer above 0, or ``thickness``, a finite
        number above 0 in Å; and optionally ``side``: bottom, top or middle.
    :returns: a message, or None.
    """
    if not isinstance(value, Mapping):
        return f"The part to fix must be a mapping such as {{'layers': 2}}, not {value!r}."
    unknown = [repr(key) for key in value if key not in ('layers', 'thickness', 'side')]
    if unknown:
        known = 'layers or thickness, and side'
        return f'The part to fix is told by {known}, not by {", ".join(unknown)}.'
    if ('layers' in value) == ('thickness' in value):
        return f'The part to fix needs either layers or thickness, not {dict(value)}.'
    if 'side' in value and value['side'] not in SIDES:
        return f'The side to fix must be one of {", ".join(SIDES)}, not {value["side"]!r}.'
    if 'layers' in value:
        return check_count('The number of layers to fix', value['layers'])
    return check_positive('thickness to fix', value['thickness'])


def fixed_sites(slab: Structure, rule: Mapping[str, Any], *, symmetric: bool) -> list[bool]:
    """Return for each site of a slab whether it is fixed, in whole atomic layers.

    ``layers`` counts layers from the side; ``thickness`` fixes those that begin within it, and at
    least one. In the ``middle``, half of the thickness is above and half below, and equal numbers
    of layers are free above and below, so that an operation that exchanges the faces maps the
    fixed layers onto themselves; if necessary, one more layer is fixed.

    Without ``side`` a symmetric slab is fixed in the middle. Any other is fixed at the bottom, and
    the number of layers is rounded up to whole periods of the crystal. A period is the smallest
    number of layers after which the kinds and gaps repeat all through the slab, which must hold
    two or more; in a slab without such a period the number is not rounded.

    :param slab: a slab with its vacuum along the third lattice vector, which need not be normal to
        the surface; the slab may cross the boundary of the cell.
    :param rule: a rule as described in :func:`check_fixing`.
    :param symmetric: whether an operation of the slab exchanges its two faces.
    :raises FixingError: if the rule is not valid, if the slab has fewer layers or is thinner, or
        if all its layers would be fixed.
    """
    if message := check_fixing(rule):
        raise FixingError(message)
    side = rule.get('side', 'middle' if symmetric else 'bottom')
    heights = SlabGeometry.of(slab).heights
    depths = heights.max() - heights if side == 'top' else heights
    layers = layer_members(-depths, RUMPLING)
    total = len(layers)

    asked = rule['layers'] if 'layers' in rule else _count(depths, layers, rule['thickness'], side)
    if asked > total:
        raise FixingError(f'the slab has {_plural(total)}, {asked} were to be fixed')
    rounded = 'side' not in rule and not symmetric
    period = _period(atomic_layers(-depths, kind_names(slab), RUMPLING)) if rounded else 1
    periodic = math.ceil(asked / period) * period
    number = periodic + (total - periodic) % 2 if side == 'middle' else periodic
    if number >= total:
        raise FixingError(_describe_excess(asked, periodic, number, total, period))

    first = (total - number) // 2 if side == 'middle' else 0
    fixed = {int(site) for layer in layers[first : first + number] for site in layer}
    return [site in fixed for site in range(len(slab))]


def _count(depths: Vectors, layers: Sequence[NDArray[np.intp]], thickness: float, side: str) -> int:
    """Return the number of layers that begin within a thickness (Å)."""
    total = float(depths.max())
    if thickness > total + HEIGHT_TOLERANCE:
        raise FixingError(f'the slab is {total:.2f} Å thick, {thickness:.2f} Å were to be fixed')
    if side != 'middle':
        begins = [depths[layer].min() for layer in layers]
        return int(np.count_nonzero(np.array(begins) <= thickness + HEIGHT_TOLERANCE))
    free = (len(layers) - 1) // 2
    for index, layer in enumerate(layers):
        below, above = total / 2 - depths[layer].max(), depths[layer].min() - total / 2
        if max(below, above) <= thickness / 2 + HEIGHT_TOLERANCE:
            free = min(free, index, len(layers) - 1 - index)
    return len(layers) - 2 * free


def _period(layers: Sequence[Layer]) -> int:
    """Return the smallest number of layers after which they repeat, 1 if they do not."""
    for period in range(1, len(layers) // 2 + 1):
        pairs = list(zip(layers, layers[period:], strict=False))
        same_kinds = all(one == other for (one, _), (other, _) in pairs)
        # The last layer has no gap to compare.
        if same_kinds and all(
            abs(one - other) < PERIOD_TOLERANCE for (_, one), (_, other) in pairs[:-1]
        ):
            return period
    return 1


def _describe_excess(asked: int, periodic: int, number: int, total: int, period: int) -> str:
    reasons = []
    if asked < periodic:
        reasons.append(f'{asked} rounded up to {periodic}, whole periods of {period} layers')
    if periodic < number:
        reasons.append(f'{periodic} rounded up to {number}, as many free above as below')
    message = f'all {_plural(total)} of the slab would be fixed'
    return f'{message}: {"; ".join(reasons)}' if asked < total else message


def _plural(number: int) -> str:
    return f'{number} atomic layer' + ('s' if number > 1 else '')
