"""Builders that show all their inputs, also in notebooks."""

from __future__ import annotations

import json
from typing import Any

import yaml
from aiida.engine import ProcessBuilder
from aiida.engine.processes.builder import PrettyEncoder
from aiida.orm import List


class ReadableBuilder(ProcessBuilder):
    """A builder in which lists are shown; aiida-core's shows ``''`` in their place."""

    def __str__(self) -> str:
        """Return the process class and its inputs as YAML."""
        inputs = json.loads(json.dumps(self._inputs(prune=True), cls=_Encoder))
        return f'Process class: {self.process_class.__name__}\nInputs:\n{yaml.safe_dump(inputs)}'


class _Encoder(PrettyEncoder):
    def default(self, o: Any) -> Any:
        """Return a node as plain data."""
        return o.get_list() if isinstance(o, List) else super().default(o)  # type: ignore[no-untyped-call]
