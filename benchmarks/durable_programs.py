"""The same work three ways: as a classic work chain, as a durable workflow, and as a WorkGraph."""

from __future__ import annotations

from typing import Any

from aiida import orm
from aiida.engine import ToContext, WorkChain, append_, calcfunction, while_

from aiida_slabrelax.durable import gather, submit, workflow

WIDTH = 16
"""How many children are gathered at a time."""


@calcfunction
def increase(x: orm.Float) -> orm.Float:
    """Add one."""
    return orm.Float(x.value + 1)


class Child(WorkChain):
    """Do nothing but return what it was given."""

    @classmethod
    def define(cls, spec: Any) -> None:
        """Define the ports."""
        super().define(spec)
        spec.input('x', valid_type=orm.Float)
        spec.outline(cls.work)
        spec.output('y', valid_type=orm.Float)

    def work(self) -> None:
        """Return the input."""
        self.out('y', self.inputs.x)


class _Loop(WorkChain):
    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.input('steps', valid_type=orm.Int)
        spec.outline(cls.setup, while_(cls.goes_on)(*cls.body()), cls.results)
        spec.output('x', valid_type=orm.Float)

    @classmethod
    def body(cls) -> tuple[Any, ...]:
        raise NotImplementedError

    def setup(self) -> None:
        self.ctx.step = 0
        self.ctx.x = orm.Float(0.0).store()

    def goes_on(self) -> bool:
        return bool(self.ctx.step < self.inputs.steps.value)

    def results(self) -> None:
        self.out('x', self.ctx.x)


class ClassicCalls(_Loop):
    """A calcfunction in each step."""

    @classmethod
    def body(cls) -> tuple[Any, ...]:
        """Return the steps of the loop."""
        return (cls.work,)

    def work(self) -> None:
        """Call the calcfunction."""
        self.ctx.x = increase(self.ctx.x)
        self.ctx.step += 1


class ClassicChildren(_Loop):
    """A child work chain in each step."""

    @classmethod
    def body(cls) -> tuple[Any, ...]:
        """Return the steps of the loop."""
        return (cls.launch, cls.inspect)

    def launch(self) -> ToContext:
        """Launch a child."""
        return ToContext(child=self.submit(Child, x=self.ctx.x))

    def inspect(self) -> None:
        """Take its output."""
        self.ctx.x = self.ctx.child.outputs.y
        self.ctx.step += 1


class ClassicGather(_Loop):
    """So many children at a time."""

    @classmethod
    def body(cls) -> tuple[Any, ...]:
        """Return the steps of the loop."""
        return (cls.launch, cls.inspect)

    def launch(self) -> None:
        """Launch the children."""
        self.ctx.children = []
        for _ in range(WIDTH):
            self.to_context(children=append_(self.submit(Child, x=self.ctx.x)))

    def inspect(self) -> None:
        """Take the output of the last."""
        self.ctx.x = self.ctx.children[-1].outputs.y
        self.ctx.step += WIDTH


@workflow
async def durable_calls(steps: int) -> dict[str, Any]:
    """Call a calcfunction in each step."""
    x = orm.Float(0.0).store()
    for _ in range(steps):
        x = increase(x)
    return {'x': x}


@workflow
async def durable_children(steps: int) -> dict[str, Any]:
    """Call a child work chain in each step."""
    x = orm.Float(0.0).store()
    for _ in range(steps):
        x = (await submit(Child, x=x)).y
    return {'x': x}


@workflow
async def durable_gather(steps: int) -> dict[str, Any]:
    """Call so many children at a time."""
    x = orm.Float(0.0).store()
    for _ in range(0, steps, WIDTH):
        x = (await gather([submit(Child, x=x) for _ in range(WIDTH)]))[-1].y
    return {'x': x}


CLASSIC = {'calcfunction': ClassicCalls, 'child': ClassicChildren, 'gather': ClassicGather}
DURABLE = {'calcfunction': durable_calls, 'child': durable_children, 'gather': durable_gather}
