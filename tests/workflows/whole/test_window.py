"""A limited number of relaxations at any time, through a real daemon."""

from __future__ import annotations

from aiida.orm import WorkChainNode

from sample_structures import copper_slabs

#: How long, in s, the stand-in sleeps for the slabs of 3 to 10 layers: unequal, the largest short.
SLEEPS = {3: 2, 4: 9, 5: 1, 6: 4, 7: 1, 8: 6, 9: 2, 10: 3}
PLACES = 3


def test_free_places_are_filled_at_once(submit_and_await, slab_relax_builder) -> None:
    rules = ';'.join(f'slow={seconds}@Cu{n}' for n, seconds in SLEEPS.items())
    builder = slab_relax_builder(
        slabs=copper_slabs(*SLEEPS),
        max_concurrent=PLACES,
        environment={'VASP_STANDIN_MODEL': 'instant', 'VASP_STANDIN_FAIL': rules},
    )
    node = submit_and_await(builder, timeout=300)
    assert (node.exit_status, node.exit_message) == (0, None)
    children = [child for child in node.called if isinstance(child, WorkChainNode)]
    assert [child.label for child in sorted(children, key=lambda child: child.ctime)] == [
        f'cu_{n}' for n in sorted(SLEEPS, reverse=True)
    ]
    spans = sorted((child.ctime.timestamp(), child.mtime.timestamp()) for child in children)
    for start, _ in spans:
        assert sum(begin <= start < end for begin, end in spans) <= PLACES
    # In batches nothing would be left when the first of the next one begins.
    for start, _ in spans[PLACES:]:
        assert any(begin < start < end for begin, end in spans)
