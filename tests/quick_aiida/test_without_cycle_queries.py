"""What the tests do without: a search for cycles where there can be none."""

from __future__ import annotations

import pytest
from aiida.common import LinkType
from aiida.orm import CalculationNode, Int, WorkflowNode


def test_a_cycle_is_refused() -> None:
    number, calculation = Int(1).store(), CalculationNode()
    calculation.base.links.add_incoming(number, LinkType.INPUT_CALC, 'number')
    calculation.store()
    with pytest.raises(ValueError, match='cycle in the graph'):
        number.base.links.add_incoming(calculation, LinkType.CREATE, 'number')


def test_a_link_that_is_not_allowed_is_refused_before_the_node_is_stored() -> None:
    with pytest.raises(ValueError, match='INPUT_CALC'):
        WorkflowNode().base.links.add_incoming(Int(1), LinkType.INPUT_CALC, 'number')
