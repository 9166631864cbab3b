"""The machine of the reader of a how-to: a home of its own, the services, and what differs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from pwd import getpwuid

from infrastructure.how_to_page import Command, File, Section, Step, shows
from infrastructure.servers import FOLDERS

REPOSITORY = Path(__file__).parents[3]


class Machine:
    """Carries out the steps of pages.

    :param home: the home of the reader, who works in its folder ``work``.
    :param replacements: what stands in the pages, and what is there on this machine.
    :param in_place_of: what is done in place of a command, which is whole as in the pages.
    :param runs: the pks that the pages give to the runs that are launched, in this order.
    """

    def __init__(
        self,
        home: Path,
        replacements: dict[str, str],
        in_place_of: dict[str, Callable[[], None]],
        runs: list[str],
    ) -> None:
        self.home, self.folder = home, home / 'work'
        self._replacements, self._in_place_of = replacements, in_place_of
        self._unused = {*replacements, *in_place_of}
        self._runs = runs
        #: The pks of the runs that were launched, by those of the pages.
        self.launched: dict[str, str] = {}
        #: What the last command has printed.
        self.printed = ''
        #: What is done when a section begins.
        self.at_section: dict[str, Callable[[], None]] = {}
        # Nothing of the tests' own AiiDA and of their imports.
        others = ('AIIDA_PATH', 'MPLCONFIGDIR', 'PYTHONPATH', 'XDG_CACHE_HOME')
        path = [str(Path(sys.executable).parent), os.environ['PATH'], *FOLDERS]
        self._environment = {
            **{name: value for name, value in os.environ.items() if name not in others},
            'HOME': str(home),
            'PATH': os.pathsep.join(path),
            # Where packages come from remains the matter of whoever runs the tests.
            'PIP_CONFIG_FILE': f'{getpwuid(os.getuid()).pw_dir}/.config/pip/pip.conf',
        }

    def carry_out(self, steps: list[Step]) -> None:
        """Do all that a page says, in order."""
        for step in steps:
            match step:
                case Section(heading):
                    self.at_section.pop(heading, lambda: None)()
                case File(name, content):
                    (self.folder / Path(name).name).write_text(self._here(content))
                case Command(text, shown):
                    self._type(text, shown)

    def _type(self, text: str, shown: str) -> None:
        if text in self._in_place_of:
            self._unused.discard(text)
            self._in_place_of[text]()
            return
        printed = self.run(self._here(text))
        expected = self._put_in(shown)
        assert shows(expected, printed), f'$ {text}\nprinted\n{printed}\nand not\n{expected}'
        if launched := re.search(r'Submitted SlabRelaxWorkChain<(\d+)>', printed):
            self.launched[self._runs[len(self.launched)]] = launched[1]

    def run(self, command: str, timeout: float = 300) -> str:
        """Run a command, which must succeed, and return what it prints."""
        # A file and no pipe: the daemon keeps what it inherits open.
        log = self.home / 'output'
        with log.open('w') as output:
            done = subprocess.run(
                ['bash', '-c', command],
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
            )
        self.printed = log.read_text()
        print(f'$ {command}\n{self.printed}')  # pytest shows it if the test fails
        assert done.returncode == 0, f'$ {command}\nended with {done.returncode}:\n{self.printed}'
        return self.printed

    def assert_all_was_used(self) -> None:
        """Check that nothing is replaced or prepared that the pages do not have any more."""
        assert self._unused == set()
        assert self.at_section == {}
        assert len(self.launched) == len(self._runs)

    def _here(self, text: str) -> str:
        for number, pk in self.launched.items():
            text = re.sub(rf'\b{number}\b', pk, text)
        return self._put_in(text)

    def _put_in(self, text: str) -> str:
        # In one pass: nothing is replaced in what was put in.
        return re.sub('|'.join(map(re.escape, self._replacements)), self._replace, text)

    def _replace(self, found: re.Match[str]) -> str:
        self._unused.discard(found[0])
        return self._replacements[found[0]]


def make_repository(folder: Path) -> None:
    """Make a repository with the package as it is now."""
    folder.mkdir()
    for name in ('pyproject.toml', 'entry_points.txt', 'README.md', 'LICENSE'):
        shutil.copy(REPOSITORY / name, folder)
    ignored = shutil.ignore_patterns('__pycache__')
    shutil.copytree(REPOSITORY / 'aiida_slabrelax', folder / 'aiida_slabrelax', ignore=ignored)
    author = ['-c', 'user.name=Alice', '-c', 'user.email=alice@example.org']
    for arguments in (
        ['init', '--quiet', '--initial-branch', 'main'],
        ['add', '.'],
        [*author, 'commit', '--quiet', '--message', 'The package as it is'],
    ):
        subprocess.run(['git', *arguments], cwd=folder, check=True)
