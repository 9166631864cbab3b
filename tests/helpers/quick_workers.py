"""A work chain that tells which kind of worker runs it; for the daemon to import."""

from __future__ import annotations

import sys
from typing import Any

from aiida.engine import WorkChain
from aiida.orm import Bool


class TellWorkChain(WorkChain):
    """Return whether the worker has imported `quick_aiida`."""

    @classmethod
    def define(cls, spec: Any) -> None:
        super().define(spec)
        spec.output('quick', valid_type=Bool)
        spec.outline(cls.tell)

    def tell(self) -> None:
        self.out('quick', Bool('quick_aiida' in sys.modules).store())
