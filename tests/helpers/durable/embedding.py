"""Classic work chains around durable workflows and inside them; for the daemon to import."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from aiida import orm
from aiida.engine import ToContext, WorkChain

from aiida_slabrelax.durable import submit, workflow
from durable.programs import add, double, loop

#: Inputs of :class:`Classic`.
INNER = {'start': 1.0, 'inner': {'by': 4.0}}


def as_nodes(inputs: dict[str, Any]) -> dict[str, Any]:
    return {
        name: as_nodes(value) if isinstance(value, dict) else orm.Float(value)
        for name, value in inputs.items()
    }


class Shift(WorkChain):
    """Shift a number; a classic work chain with a namespace of outputs."""

    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.input('x', valid_type=orm.Float)
        spec.input('by', valid_type=orm.Float, default=lambda: orm.Float(1.0))
        spec.outline(cls.shift)
        spec.output('shifted', valid_type=orm.Float)
        spec.output_namespace('parts', valid_type=orm.Float)

    def shift(self) -> None:
        self.out('shifted', add(self.inputs.x, self.inputs.by))
        self.out('parts.by', self.inputs.by)


class Parts(TypedDict):
    by: orm.Float
    doubled: float


class Shifted(TypedDict):
    shifted: orm.Float
    parts: Parts
    steps: NotRequired[int]
    kind: str | None


@workflow
async def shifted_twice(x: float, by: orm.Float = 0.5, extra: int | None = None) -> Shifted:
    """Shift a number and double it.

    :param x: the number.
    :param by: how far.
    """
    outputs = await submit(Shift, x=x, by=by)
    doubled = await submit(double, outputs.shifted)
    parts: Parts = {'by': outputs.parts.by, 'doubled': doubled}
    return {'shifted': outputs.shifted, 'parts': parts, 'kind': None}


@workflow
async def outermost(x: float = 1.0) -> dict[str, Any]:
    """A workflow in a workflow; its outputs are passed on."""
    inner = await submit(shifted_twice, x, by=orm.Float(2.0), metadata={'label': 'inner'})
    return {**inner, 'looped': (await submit(loop, n=1)).x}


class Classic(WorkChain):
    """A classic work chain that embeds a workflow."""

    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.expose_inputs(shifted_twice, namespace='inner', exclude=('x',))
        spec.input('start', valid_type=orm.Float)
        spec.outline(cls.call, cls.results)
        spec.expose_outputs(shifted_twice, namespace='inner')
        spec.output('total', valid_type=orm.Float)

    def call(self) -> Any:
        inputs = self.exposed_inputs(shifted_twice, namespace='inner')
        node = self.submit(shifted_twice, x=self.inputs.start, **inputs)
        return ToContext(inner=node)

    def results(self) -> None:
        self.out_many(self.exposed_outputs(self.ctx.inner, shifted_twice, namespace='inner'))
        self.out('total', self.ctx.inner.outputs.shifted)


class Promised(TypedDict):
    total: float


@workflow
def forgetful() -> Promised:
    """Does not return what it promises."""
    return {}
