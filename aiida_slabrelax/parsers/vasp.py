"""The parser of the slabs' calculations: it loses nothing that VASP has written."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aiida.engine import ExitCode
from aiida.orm import ArrayData, CalcJobNode, Data, Dict, StructureData
from aiida_vasp.parsers.content_parsers import (
    KpointsParser,
    OutcarParser,
    StreamParser,
    VasprunParser,
)
from aiida_vasp.parsers.vasp import DEFAULT_REQUIRED_QUANTITIES, VaspParser

from .diagnosis import judge_end
from .kinds import restore_kinds, symbols_of
from .outcome import Outcome, read_calculation, read_files
from .plain import without_gaps
from .reading import OUTCAR, STDOUT, VASPRUN, decode
from .states import read_partial_dos, read_projections
from .steps import Geometry, UnreadableError
from .xml import VasprunText, split_vasprun

#: VASP before 5 writes other files, which are not read. AiiDA's cache must not copy such an end.
UNSUPPORTED_VERSION = ExitCode(
    710, 'VASP {version} is not supported: its files are read from version 5 on', True
)


class SlabVaspParser(VaspParser):  # type: ignore[misc]  # aiida-vasp carries no types
    """Parse a VASP calculation as aiida-vasp does, but each file by itself, and by evidence.

    Energies, forces, stress, structure and convergence are those of the last complete ionic step,
    from whichever file holds them; see :func:`aiida_slabrelax.parsers.outcome.read_outcome`. All
    else is read by aiida-vasp from files that were made fit for it; what fails there is noted and
    takes nothing else along.
    """

    outcome: Outcome

    def parse(self, **_: Any) -> ExitCode | None:
        """Read the retrieved files and make the outputs."""
        names = self._init_user_settings().file_mapping
        self._get_quantities_to_parse()
        files = read_files(self.retrieved, names)
        self.outcome = read_calculation(self.node, names)
        self._problems = dict(self.outcome.reading.problems)
        self._read_with_aiida_vasp(files)
        self._make_outputs()
        if self.outcome.reading.nothing:
            return self._exit('ERROR_CRITICAL_MISSING_OBJECT')
        return self._verdict()

    def _read_with_aiida_vasp(self, files: Mapping[str, bytes]) -> None:
        """Read what the outcome does not hold, and put in what it holds."""
        config = self.user_config
        text = self._vasprun_text(files)
        content = text.without_partial_states().compose() if text is not None else None
        settings = {
            'electronic_step_energies': config.electronic_step_energies,
            'energy_type': config.energy_type,
            'stream_history': config.keep_stream_history,
        }
        if content is not None and self.outcome.reading.complete:
            self._read(
                VASPRUN, lambda: VasprunParser(handler=io.BytesIO(content), settings=settings)
            )
        for name, parser in ((OUTCAR, OutcarParser), (STDOUT, StreamParser)):
            if name in files and self._begun(name):
                handler = io.StringIO(decode(files[name]))
                self._read(name, partial(parser, handler=handler))
        if config.kpoints_from_ibzkpt:
            content_of = self.retrieved.base.repository.get_object_content
            self._read('IBZKPT', lambda: KpointsParser(handler=io.StringIO(content_of('IBZKPT'))))
        if text is not None:
            self._read_states(text)
        known = self.outcome.misc()
        self.quantities_each.setdefault(OUTCAR, {}).pop('run_status', None)
        if 'run_status' in known:
            self.quantities_each[OUTCAR]['run_status'] = known['run_status']

    def _begun(self, name: str) -> bool:
        """Return whether aiida-vasp can read a file: not an OUTCAR without an electronic step."""
        return name != OUTCAR or bool(self.outcome.reading.electronic_steps)

    def _vasprun_text(self, files: Mapping[str, bytes]) -> VasprunText | None:
        try:
            return split_vasprun(files.get(VASPRUN, b'')).with_symbols(
                symbols_of(self.outcome.structure)
            )
        except UnreadableError:
            return None  # the outcome says why

    def _read(self, name: str, open_file: Callable[[], Any]) -> None:
        try:
            found, errors = open_file().get_all_quantities()
        except (Exception, SystemExit) as error:  # parsevasp exits on what it does not know
            self._note(name, error)
            return
        self.quantities_each[name] = found
        self.errored_quantities.update(errors)

    def _read_states(self, text: VasprunText) -> None:
        """Read the states that belong to sites, where they are asked for."""
        symbols = symbols_of(self.outcome.structure)
        quantities = self.quantities_each.get(VASPRUN, {})
        try:
            if 'dos' not in self.nodes_to_exclude and quantities.get('dos') is not None:
                if (read := read_partial_dos(text, symbols)) is not None:
                    quantities['dos']['pdos'], self._orbitals = read
            if 'projectors' not in self.nodes_to_exclude:
                quantities['projectors'] = read_projections(text, symbols)
        except UnreadableError as error:
            self._note('states of sites', error)

    def _make_outputs(self) -> None:
        """Make the output nodes; one that fails is noted in ``misc``."""
        names = [
            name.removeprefix('_compose_') for name in dir(self) if name.startswith('_compose_')
        ]
        wanted = [name for name in names if name not in self.nodes_to_exclude]
        if self.outcome.reading.too_old:
            wanted = ['misc']
        for name in sorted(wanted, key=lambda name: name == 'misc'):
            try:
                made = getattr(self, f'_compose_{name}')(self.quantities_each)
            except Exception as error:  # whatever it meets in what could not be read
                # What nobody has asked for is often not there: magnetization, for example.
                if name in self.user_config.include_node or name in ('misc', 'structure'):
                    self._note(name, error)
                continue
            nodes = {name: made} if isinstance(made, Data) else made or {}
            for label, node in nodes.items():
                self.out(label, node)

    def _compose_misc(self, quantities_each: dict[str, Any]) -> Dict:
        """Make the output ``misc``: aiida-vasp's, with what the outcome knows better."""
        found: dict[str, Any] = super()._compose_misc(quantities_each).get_dict()
        known = {'total_energies', 'forces', 'stress', 'version', 'run_status'}
        found = {name: value for name, value in found.items() if name not in known}
        found |= self.outcome.misc()
        if self._problems:
            found['file_problems'] = self._problems
        excluded = set(self.quantities_to_exclude)
        return Dict(
            {name: without_gaps(value) for name, value in found.items() if name not in excluded}
        )

    def _compose_structure(self, _: dict[str, Any]) -> StructureData | None:
        """Make the output ``structure``: the last geometry, with the kinds of the input."""
        incar = {
            key.lower(): value for key, value in self.node.inputs.parameters.get_dict().items()
        }
        moves = incar.get('ibrion', -1) >= 0 and incar.get('nsw', 0) > 0
        if not moves and self.user_config.omit_structure:
            return None
        if (geometry := self.outcome.geometry) is None and self._may_begin_again():
            original = self.outcome.structure
            positions = [site.position for site in original.sites]
            return restore_kinds(Geometry.of(original.cell, positions), original)
        return geometry

    def _compose_dos(self, quantities_each: dict[str, Any]) -> ArrayData | None:
        """Make the output ``dos``, and say what the columns of the partial one are."""
        node: ArrayData | None = super()._compose_dos(quantities_each)
        if node is not None and 'pdos' in node.get_arraynames():
            node.base.attributes.set('orbitals', self._orbitals)
        return node

    def _may_begin_again(self) -> bool:
        """Return whether a calculation that was cut off in its first ionic step may be repeated.

        Once it may, if VASP had begun and named no error: the machine has failed it.
        """
        begun = bool(self.outcome.reading.electronic_steps) and not self.outcome.reading.finished
        told = self.quantities_each.get(STDOUT, {}).get('notifications') or []
        caller = self.node.caller
        earlier = [] if caller is None else caller.called
        repeated = any(isinstance(one, CalcJobNode) and one.pk != self.node.pk for one in earlier)
        return begun and not repeated and all(one['kind'] != 'ERROR' for one in told)

    def _verdict(self) -> ExitCode | None:
        """Return the exit code of the calculation, ``None`` if all is well."""
        reading, verdict = self.outcome.reading, self.outcome.verdict
        if reading.too_old:
            return UNSUPPORTED_VERSION.format(version=str(reading.version))
        there = set(self.outcome.misc())
        for quantities in self.quantities_each.values():
            there |= {name for name, value in quantities.items() if value is not None}
        required = set(self.user_config.required_quantity) - set(DEFAULT_REQUIRED_QUANTITIES)
        if missing := sorted(required - there):
            return self._exit('ERROR_NOT_ABLE_TO_PARSE_QUANTITY', quantity=','.join(missing))
        if self.user_config.check_errors is False:
            return None
        if reading.finished and reading.stopped is not None:
            return self._exit('ERROR_IONIC_NOT_CONVERGED')._replace(
                message=f'The ionic relaxation is not converged: {verdict.reason}.'
            )
        code: ExitCode | None = self._check_vasp_errors({})
        if code is not None and code.status in (701, 702):
            message = str(code.message).rstrip('.')
            return code._replace(message=f'{message}: {verdict.reason}.')
        return code

    def _check_vasp_errors(self, parser_notifications: dict[str, Any]) -> ExitCode | None:
        """Return the exit code; a calculation that would end the same way is not repeated."""
        return judge_end(super()._check_vasp_errors(parser_notifications), self)

    def _exit(self, name: str, **values: str) -> ExitCode:
        code: ExitCode = self.exit_codes[name]
        return code.format(**values) if values else code

    def _note(self, what: str, error: BaseException) -> None:
        reason = f'{type(error).__name__}: {error}'
        self._problems[what] = '; '.join(filter(None, [self._problems.get(what), reason]))
        self.logger.warning(f'{what} cannot be read: {reason}')
