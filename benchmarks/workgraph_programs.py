"""The same work as graphs of aiida-workgraph, for an environment in which that is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiida import orm
from aiida_workgraph import WorkGraph
from aiida_workgraph.engine.workgraph import WorkGraphEngine

from durable_programs import WIDTH, Child, increase


def _calls(steps: int) -> WorkGraph:
    graph, x = WorkGraph('calls'), orm.Float(0.0).store()
    for i in range(steps):
        x = graph.add_task(increase, f'increase_{i}', x=x).outputs.result
    return graph


def _children(steps: int) -> WorkGraph:
    graph, x = WorkGraph('children'), orm.Float(0.0).store()
    for i in range(steps):
        x = graph.add_task(Child, f'child_{i}', x=x).outputs.y
    return graph


def _gather(steps: int) -> WorkGraph:
    graph, x = WorkGraph('gather'), orm.Float(0.0).store()
    before: list[Any] = []
    for i in range(0, steps, WIDTH):
        children = [graph.add_task(Child, f'child_{i + j}', x=x) for j in range(WIDTH)]
        for child in children:
            child.waiting_on.add(before)
        before, x = children, children[-1].outputs.y
    return graph


def make_runs(run_get_node: Callable[..., Any]) -> dict[str, Callable[[int], Any]]:
    """Return what builds and runs each graph with a number of steps.

    :param run_get_node: runs a process.
    """

    def make_run(build: Callable[[int], WorkGraph]) -> Callable[[int], Any]:
        def run(steps: int) -> Any:
            inputs = build(steps).to_engine_inputs(metadata=None)
            _, node = run_get_node(WorkGraphEngine, inputs)
            if not node.is_finished_ok:
                raise RuntimeError(f'{node} {node.exit_status} {node.exit_message}')
            return node

        return run

    return {
        'calcfunction': make_run(_calls),
        'child': make_run(_children),
        'gather': make_run(_gather),
    }
