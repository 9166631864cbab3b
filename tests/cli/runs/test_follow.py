"""Following a run: a progress bar on a terminal, and nowhere else."""

from __future__ import annotations

import io
import sys

import pytest
from aiida.orm import WorkChainNode

from aiida_slabrelax.cli.runs.follow import follow


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(('stream', 'drawn'), [(Terminal(), True), (io.StringIO(), False)])
def test_the_bar(
    ended: WorkChainNode, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, drawn: bool
) -> None:
    monkeypatch.setattr(sys, 'stderr', stream)
    results = follow(ended, interval=0)
    assert results.pk == ended.pk
    assert ('1/1 slabs' in stream.getvalue()) is drawn
    assert drawn or stream.getvalue() == ''
