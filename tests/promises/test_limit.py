"""As many relaxations at a time as the user allows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from process_tree import relaxations
from sample_structures import copper_slabs


def test_two_at_a_time(submit_and_await: Any, slab_relax_builder: Callable[..., Any]) -> None:
    builder = slab_relax_builder(
        slabs=copper_slabs(3, 4, 5),
        max_concurrent=2,
        environment={'VASP_STANDIN_MODEL': 'instant'},
    )
    node = submit_and_await(builder, timeout=300)
    assert (node.exit_status, node.exit_message) == (0, None)
    spans = [(child.ctime, child.mtime) for child in relaxations(node)]
    assert sorted(node.outputs.relaxed_slabs) == ['cu_3', 'cu_4', 'cu_5']
    for start, _ in spans:
        assert sum(begin <= start < end for begin, end in spans) <= 2
