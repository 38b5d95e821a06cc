"""The verb of this step: judging the rows of a sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from bulk_update.account.schema import AccountSchema
from bulk_update.errors import UsageError
from bulk_update.language import _
from bulk_update.model import Finding, SourceRow, Verdict
from bulk_update.reading.chunks import Chunk
from bulk_update.validation.ballots import Ballot
from bulk_update.validation.columns import ColumnCompiler
from bulk_update.validation.conflicts import Conflicts
from bulk_update.validation.dates import checked_format
from bulk_update.validation.decimals import checked_sign
from bulk_update.validation.decisions import Decisions
from bulk_update.validation.duplicates import KeyHashes, SameKeys
from bulk_update.validation.factory import JudgeFactory
from bulk_update.validation.notices import check_additions, column_findings, judged_constants
from bulk_update.validation.options import ValidationOptions
from bulk_update.validation.phones import region_code
from bulk_update.validation.rows import RowJudge
from bulk_update.validation.survey import Survey

if TYPE_CHECKING:
    from bulk_update.mapping import Mapping


class Counted(NamedTuple):
    """What the first pass counted, or a share of it: the votes on what only whole columns can say,
    and the hashes of keys."""

    ballots: list[Ballot]
    hashes: KeyHashes


class Surveying:
    """The first pass, or a share of it. Numbers of rows may be those of the share."""

    def __init__(self, survey: Survey, judge: RowJudge) -> None:
        self._survey = survey
        self._judge = judge
        self._hashes = KeyHashes()

    def take(self, chunk: Chunk) -> None:
        """Counts some rows."""
        self._hashes.add(self._judge.identities(chunk))
        self._survey.take(chunk)

    @property
    def counted(self) -> Counted:
        """What was counted so far."""
        return Counted(self._survey.ballots, self._hashes)


class Validator:
    """Judges the rows of one sheet by its mapping and the account's schema.

    The rows are read up to three times, each time from the start and in the same order:

    - :meth:`survey` decides what only a whole column can say, and finds keys that repeat. It may be
      done in shares: :meth:`surveying` begins one, :meth:`conclude` takes what was counted in each;
    - :meth:`resolve`, needed only where :attr:`repeats` says so, compares the rows that bear
      the same key;
    - :meth:`judge` gives the verdicts, :meth:`faults` those alone that have findings. After
      :meth:`guess` faults can be asked for during the first pass, and if conclude says that the
      guess came true, the last pass is not needed.

    ``findings`` are about whole columns and constants; they belong to no row and are to be said
    once, before anything else; ``keyed`` is how many rows of the whole sheet have a key. Memory
    doesn't grow with the rows, but for 8 bytes a row while surveying, and for each row whose key
    repeats: many of these are compared in a temporary file. Raises :class:`StorageError` where
    there is no room for that.

    Raises :class:`UsageError` for options that can't be, and for constants that can't be sent;
    :class:`SheetError` for a policy that a field can't have.
    """

    def __init__(
        self,
        mapping: Mapping,
        schema: AccountSchema,
        options: ValidationOptions,
        *,
        date_1904: bool = False,
    ) -> None:
        self._options = options
        self._decisions = Decisions(
            date_format=checked_format(options.date_format or mapping.date_format),
            decimal=checked_sign(options.decimal or mapping.decimal),
            date_1904=date_1904,
        )
        _check_region(options.region or mapping.region)
        check_additions(mapping, schema)
        self._factory = JudgeFactory(schema, self._decisions)
        self._compiler = ColumnCompiler(mapping, self._factory, options)
        self._constants = judged_constants(self._compiler)
        self._repeated: frozenset[int] = frozenset()
        self.keyed = 0
        self._conflicts: Conflicts | None = None
        said_of_constants = (finding for each in self._constants for finding in each.findings)
        self.findings = (*column_findings(mapping, schema, options), *said_of_constants)

    @property
    def repeats(self) -> bool:
        """Whether rows bear the same key (or, very rarely, seem to)."""
        return bool(self._repeated)

    @property
    def conflicts(self) -> Conflicts:
        """What is said of rows that others contradict; nothing before :meth:`resolve`."""
        return self._conflicts or Conflicts()

    def survey(self, chunks: Iterable[Chunk]) -> None:
        """The first pass: dates and decimals by whole columns, and keys that repeat.

        Raises :class:`~bulk_update.errors.SheetQuestion` for what only a flag can answer.
        """
        surveying = self.surveying()
        for chunk in chunks:
            surveying.take(chunk)
        self.conclude([surveying.counted])

    def surveying(self) -> Surveying:
        """A first pass that has not begun: all of it, or somebody's share."""
        return Surveying(self._survey(), self._light)

    def guess(self, chunks: Iterable[Chunk]) -> None:
        """Takes what some rows decide for what their whole columns will: :meth:`faults` can then
        be asked during the first pass, and :meth:`conclude` says whether it was right."""
        survey = self._survey()
        for chunk in chunks:
            survey.take(chunk)
        survey.settle()
        self._forget()

    def conclude(self, counts: Iterable[Counted], row_of: Callable[[int], int] = int) -> bool:
        """Ends the first pass, by what each counted that did a share of it; ``row_of`` says which
        row the numbers mean that they gave the rows. Raises as :meth:`survey` does.

        Whether what was guessed has come true, and with it all verdicts given meanwhile.
        """
        survey, hashes = self._survey(), KeyHashes()
        for ballots, keys in counts:
            survey.add(ballots, row_of)
            hashes.extend(keys)
        guessed = self._decisions.taken_back()
        survey.decide()
        self.keyed = hashes.count
        self._repeated = hashes.repeated()
        came_true = guessed == (self._decisions.orders, self._decisions.signs)
        if not came_true:
            self._forget()
        return came_true

    def _survey(self) -> Survey:
        return Survey(self._compiler, self._factory, self._decisions)

    def resolve(self, chunks: Iterable[Chunk]) -> None:
        """Compares the rows that bear the same key, so that :meth:`judge` can say of each in its
        turn whether another contradicts it. Without this, judge holds such rows back."""
        same = SameKeys()
        for chunk in chunks if self._repeated else ():
            for row, identity in self._same(chunk):
                desired = self._full.verdict(row).desired
                if desired:
                    same.add(identity, desired)
        self._conflicts = same.conflicts(self._full.key_header)

    def _same(self, chunk: Chunk) -> Iterator[tuple[SourceRow, str]]:
        """The rows of a chunk whose keys seem to repeat, with their identities."""
        identities = self._light.identities(chunk)
        if not self._repeated.isdisjoint(map(hash, identities)):
            for row, identity in zip(chunk.sources(), identities, strict=True):
                if identity and hash(identity) in self._repeated:
                    yield row, identity

    def faults(self, chunk: Chunk) -> Iterator[Verdict]:
        """The verdicts of those rows alone of which there is something to say, without
        ``desired``, in their order; :meth:`resolve` was called where :attr:`repeats` says so."""
        found = self._light.faults(chunk)
        return self._with_conflicts(found, chunk) if self._conflicts else found

    def _with_conflicts(self, faults: Iterator[Verdict], chunk: Chunk) -> Iterator[Verdict]:
        """The faults of a chunk, and those of its rows that others contradict."""
        conflicts = self.conflicts
        known = {verdict.row: verdict for verdict in faults}
        for source in chunk.sources():
            verdict, conflict = known.get(source.row), conflicts.get(source.row)
            if verdict or conflict:
                yield _contradicted(verdict or self._light.verdict(source), conflict)

    def judge(self, rows: Iterable[SourceRow], *, build: bool = True) -> Iterator[Verdict]:
        """What there is to say of each row, in their order; ``desired`` is None where a finding
        is an error, and everywhere unless ``build``.

        Rows whose keys repeat come last, in their order, when :meth:`resolve` was not called.
        """
        judge = self._full if build else self._light
        if not self._repeated:
            return judge.verdicts(rows)
        if self._conflicts is not None:
            return self._resolved(rows, judge, self._conflicts)
        return self._holding_back(rows, judge)

    @cached_property
    def _light(self) -> RowJudge:
        return RowJudge(self._compiler, self._constants, light=True)

    @cached_property
    def _full(self) -> RowJudge:
        return RowJudge(self._compiler, self._constants, light=False)

    def _forget(self) -> None:
        """Judges that were made before the columns decided would go on without knowing."""
        for name in ("_light", "_full"):
            self.__dict__.pop(name, None)

    def _repeating(self, row: SourceRow) -> str:
        """The identity of a row's key, if it seems to repeat."""
        identity = self._light.identity(row.cells)
        return identity if identity and hash(identity) in self._repeated else ""

    def _resolved(
        self, rows: Iterable[SourceRow], judge: RowJudge, conflicts: Conflicts
    ) -> Iterator[Verdict]:
        for row in rows:
            verdict = judge.verdict(row)
            yield _contradicted(verdict, conflicts.get(row.row))

    def _holding_back(self, rows: Iterable[SourceRow], judge: RowJudge) -> Iterator[Verdict]:
        held: list[Verdict] = []
        same = SameKeys()
        for row in rows:
            identity = self._repeating(row)
            verdict = (self._full if identity else judge).verdict(row)
            if not identity or verdict.desired is None:
                yield verdict
                continue
            same.add(identity, verdict.desired)
            held.append(verdict if judge is self._full else verdict._replace(desired=None))
        conflicts = same.conflicts(self._full.key_header)
        for verdict in held:
            yield _contradicted(verdict, conflicts.get(verdict.row))


def _contradicted(verdict: Verdict, finding: Finding | None) -> Verdict:
    if finding is None:
        return verdict
    return verdict._replace(desired=None, findings=(*verdict.findings, finding))


def _check_region(region: str | None) -> None:
    if region is None or region_code(region) == region.upper():
        return
    message = _("'{region}' is no region").format(region=region)
    hint = _("--region takes the two letters of a country, such as IT")
    raise UsageError(message, hint=hint, code="region")
