"""The planar average of the potential as a node, the output ``arrays`` of a calculation."""

from __future__ import annotations

from aiida.orm import ArrayData, Node

from .potential import PlanarAverage

#: The names of its arrays: the heights in Å, and the potential in eV.
HEIGHTS, POTENTIAL = 'heights', 'planar_potential'


def store_average(average: PlanarAverage) -> ArrayData:
    """Return a planar average as a node."""
    node = ArrayData({HEIGHTS: average.heights, POTENTIAL: average.values})
    node.base.attributes.set('thickness', average.thickness)
    node.base.attributes.set('period', average.period)
    return node


def read_average(node: Node | None) -> PlanarAverage | None:
    """Return the planar average in an output ``arrays``; ``None`` if there is none in it."""
    if not isinstance(node, ArrayData) or not {HEIGHTS, POTENTIAL} <= set(node.get_arraynames()):
        return None
    return PlanarAverage(
        heights=node.get_array(HEIGHTS),
        values=node.get_array(POTENTIAL),
        thickness=float(node.base.attributes.get('thickness')),
        period=float(node.base.attributes.get('period')),
    )
