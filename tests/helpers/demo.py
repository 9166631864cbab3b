"""Demos in a folder of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

#: Where the programs of this environment are.
BIN = Path(sys.executable).parent


@dataclass
class Demo:
    """A folder in which demos run, each a process of its own with an empty home."""

    workdir: Path
    home: Path
    copper_file: Path
    first: subprocess.CompletedProcess[str] = field(init=False)

    def environment(self, **variables: str) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if k not in ('AIIDA_PATH', 'PYTHONPATH')}
        return {**inherited, 'HOME': str(self.home), **variables}

    def command(self, *options: str) -> list[str]:
        copper = ['--structure', str(self.copper_file), '--thickness', '4', '--vacuum', '10']
        program = [str(BIN / 'aiida-slabrelax'), 'demo', *copper, '--model', 'emt']
        return [*program, '--workdir', str(self.workdir), *options]

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self._run(self.command(*options), self.environment())

    def in_profile(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program on the profile of the demo, as the demo says at its end."""
        environment = self.environment(AIIDA_PATH=str(self.workdir))
        environment['PATH'] = f'{BIN}{os.pathsep}{environment["PATH"]}'
        return self._run([str(BIN / program), *arguments], environment)

    def _run(
        self, command: list[str], environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
