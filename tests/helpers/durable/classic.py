"""A classic work chain with fault points; here so that the daemon can import it."""

from __future__ import annotations

from typing import Any

from aiida.engine import ToContext, WorkChain, calcfunction
from aiida.orm import Int

from aiida_slabrelax.engine.faults import reach


@calcfunction
def double(number: Int) -> Int:
    """Return twice a number."""
    return Int(2 * number.value)


@calcfunction
def add(first: Int, second: Int) -> Int:
    """Return the sum of two numbers."""
    return Int(first.value + second.value)


class DoubleWorkChain(WorkChain):
    """Double a number."""

    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.input('number', valid_type=Int)
        spec.output('doubled', valid_type=Int)
        spec.outline(cls.double)

    def double(self) -> None:
        reach('child begins')
        self.out('doubled', double(self.inputs.number))
        reach('child ends')


class SumWorkChain(WorkChain):
    """Add up two numbers that two children have doubled."""

    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.output('total', valid_type=Int)
        spec.outline(cls.submit_children, cls.collect)

    def submit_children(self) -> Any:
        reach('parent submits')
        children = {
            f'child_{number}': self.submit(
                DoubleWorkChain,
                number=Int(number),
                metadata={'call_link_label': f'child_{number}'},
            )
            for number in (3, 4)
        }
        reach('parent submitted')
        return ToContext(**children)

    def collect(self) -> None:
        reach('parent collects')
        doubled = [self.ctx[f'child_{number}'].outputs.doubled for number in (3, 4)]
        self.out('total', add(*doubled))
        reach('parent ends')
