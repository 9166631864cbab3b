"""The parser of the slabs' calculations, which uses everything that VASP has written."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
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
from .files.xml import VasprunText, split_vasprun
from .kinds import restore_kinds, symbols_of
from .outcome import Outcome, read_calculation, read_files
from .plain import without_gaps
from .potentials.planar_average import store_average
from .potentials.potential import LOCPOT, PlanarAverage
from .reading import OUTCAR, STDOUT, VASPRUN, decode
from .states import read_partial_dos, read_projections
from .steps import Geometry, UnreadableError

#: The files of VASP before 5 differ and are not read. Such a result must not be cached.
UNSUPPORTED_VERSION = ExitCode(
    710, 'VASP {version} is not supported: its files are read from version 5 on', True
)


class SlabVaspParser(VaspParser):  # type: ignore[misc]  # aiida-vasp carries no types
    """Parse a VASP calculation like aiida-vasp, but each file separately.

    Energies, forces, stress, structure and convergence are those of the last complete ionic step,
    from the file that holds them; see :func:`aiida_slabrelax.parsers.outcome.read_outcome`.
    Everything else is read by aiida-vasp, from files without the parts that it cannot read. An
    error there is recorded and does not affect other quantities.

    :ivar outcome: the results of the calculation.
    """

    outcome: Outcome

    def parse(self, **folders: Any) -> ExitCode | None:
        """Read the retrieved files and make the outputs."""
        names = self._init_user_settings().file_mapping
        self._get_quantities_to_parse()
        files = read_files(self.retrieved, names)
        self.outcome = read_calculation(self.node, names, self._temporary(LOCPOT, folders))
        self._problems = dict(self.outcome.reading.problems)
        self._read_with_aiida_vasp(files)
        self._make_outputs()
        if self.outcome.reading.nothing:
            return self._exit('ERROR_CRITICAL_MISSING_OBJECT')
        return self._verdict()

    def _temporary(self, name: str, folders: Mapping[str, Any]) -> Path | None:
        """Return where a file is that is deleted after this; ``None`` if it was not asked for."""
        settings = self.node.inputs.settings.get_dict() if 'settings' in self.node.inputs else {}
        folder = folders.get('retrieved_temporary_folder')
        asked = name in settings.get('ADDITIONAL_RETRIEVE_TEMPORARY_LIST', ())
        return Path(folder) / name if asked and folder is not None else None

    def _read_with_aiida_vasp(self, files: Mapping[str, bytes]) -> None:
        """Read the quantities that are not in the outcome, and add those that are."""
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
        """Return whether aiida-vasp can read a file: an OUTCAR needs an electronic step."""
        return name != OUTCAR or bool(self.outcome.reading.electronic_steps)

    def _vasprun_text(self, files: Mapping[str, bytes]) -> VasprunText | None:
        try:
            return split_vasprun(files.get(VASPRUN, b'')).with_symbols(
                symbols_of(self.outcome.structure)
            )
        except UnreadableError:
            return None  # the outcome holds the reason

    def _read(self, name: str, open_file: Callable[[], Any]) -> None:
        try:
            quantities, errors = open_file().get_all_quantities()
        except (Exception, SystemExit) as error:  # parsevasp exits on unknown content
            self._note(name, error)
            return
        self.quantities_each[name] = quantities
        self.errored_quantities.update(errors)

    def _read_states(self, text: VasprunText) -> None:
        """Read the site-resolved states, if they are requested."""
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
        """Make the output nodes; errors are recorded in ``misc``."""
        names = [
            name.removeprefix('_compose_') for name in dir(self) if name.startswith('_compose_')
        ]
        wanted = [name for name in names if name not in self.nodes_to_exclude]
        if self.outcome.reading.too_old:
            wanted = ['misc']
        for name in sorted(wanted, key=lambda name: name == 'misc'):
            try:
                output = getattr(self, f'_compose_{name}')(self.quantities_each)
            except Exception as error:  # aiida-vasp raises any exception for missing quantities
                # Outputs that were not requested are often missing, such as the magnetization.
                if name in self.user_config.include_node or name in ('misc', 'structure'):
                    self._note(name, error)
                continue
            nodes = {name: output} if isinstance(output, Data) else output or {}
            for label, node in nodes.items():
                self.out(label, node)

    def _compose_misc(self, quantities_each: dict[str, Any]) -> Dict:
        """Make the output ``misc``: that of aiida-vasp, updated with the outcome."""
        content: dict[str, Any] = super()._compose_misc(quantities_each).get_dict()
        replaced = {'total_energies', 'forces', 'stress', 'program', 'version', 'run_status'}
        content = {name: value for name, value in content.items() if name not in replaced}
        content |= self.outcome.misc()
        if self._problems:
            content['file_problems'] = self._problems
        excluded = set(self.quantities_to_exclude)
        return Dict(
            {name: without_gaps(value) for name, value in content.items() if name not in excluded}
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
        """Make the output ``dos``, with the names of the columns of the partial one."""
        node: ArrayData | None = super()._compose_dos(quantities_each)
        if node is not None and 'pdos' in node.get_arraynames():
            node.base.attributes.set('orbitals', self._orbitals)
        return node

    def _compose_arrays(self, quantities_each: dict[str, Any]) -> dict[str, ArrayData]:
        """Make the outputs of aiida-vasp with arrays, and ``arrays`` with the potential."""
        outputs: dict[str, ArrayData] = super()._compose_arrays(quantities_each)
        if isinstance(potential := self.outcome.potential, PlanarAverage):
            outputs['arrays'] = store_average(potential)
        return outputs

    def _may_begin_again(self) -> bool:
        """Return whether a calculation that ended in its first ionic step may be repeated.

        It may be repeated once, if VASP had started and reported no error: then the machine failed.
        """
        begun = bool(self.outcome.reading.electronic_steps) and not self.outcome.reading.finished
        notifications = self.quantities_each.get(STDOUT, {}).get('notifications') or []
        caller = self.node.caller
        called = [] if caller is None else caller.called
        repeated = any(isinstance(node, CalcJobNode) and node.pk != self.node.pk for node in called)
        no_errors = all(message['kind'] != 'ERROR' for message in notifications)
        return begun and not repeated and no_errors

    def _verdict(self) -> ExitCode | None:
        """Return the exit code of the calculation; ``None`` if it succeeded."""
        reading, verdict = self.outcome.reading, self.outcome.verdict
        if reading.too_old:
            return UNSUPPORTED_VERSION.format(version=str(reading.version))
        present = set(self.outcome.misc())
        for quantities in self.quantities_each.values():
            present |= {name for name, value in quantities.items() if value is not None}
        required = set(self.user_config.required_quantity) - set(DEFAULT_REQUIRED_QUANTITIES)
        if missing := sorted(required - present):
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
        """Return the exit code; it prevents repetitions that would end in the same way."""
        return judge_end(super()._check_vasp_errors(parser_notifications), self)

    def _exit(self, name: str, **values: str) -> ExitCode:
        code: ExitCode = self.exit_codes[name]
        return code.format(**values) if values else code

    def _note(self, what: str, error: BaseException) -> None:
        reason = f'{type(error).__name__}: {error}'
        self._problems[what] = '; '.join(filter(None, [self._problems.get(what), reason]))
        self.logger.warning(f'{what} cannot be read: {reason}')
