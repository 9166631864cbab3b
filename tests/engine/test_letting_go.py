"""What no timer of aiida-core keeps."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any
from weakref import ref

from aiida.engine.utils import instantiate_process
from aiida.manage import get_manager

from aiida_slabrelax.engine.letting_go import call_weakly
from sample_structures import copper_slabs


class Hearer:
    heard: list[int]

    def __init__(self) -> None:
        self.heard = []

    def hear(self, number: int) -> None:
        self.heard.append(number)


def test_a_method_is_called_while_its_object_exists() -> None:
    hearer = Hearer()
    call = call_weakly(hearer.hear, 3)
    call()
    assert hearer.heard == [3]
    gone = ref(hearer)
    del hearer
    gc.collect()
    assert gone() is None
    call()


def test_a_work_chain_is_kept_until_it_is_closed(slab_relax_builder: Callable[..., Any]) -> None:
    builder = slab_relax_builder(slabs=copper_slabs(3))
    process: Any = instantiate_process(get_manager().get_runner(), builder)
    gone = ref(process)
    pk = process.node.pk
    del process
    gc.collect()
    kept: Any = gone()
    assert kept.node.pk == pk
    kept.close()
    del kept
    gc.collect()
    assert gone() is None
