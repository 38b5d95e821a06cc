"""Faults the make-believe account plays: by rate, by script, by schedule; the same every time.

A fault has a **kind**, and settings that some kinds use:

================  ==========================================================================
kind              what happens (``applied``: whether the request is carried out; default)
================  ==========================================================================
reset             the connection is reset without an answer (``applied`` false)
hang              no answer for ``seconds`` (30), then a reset (``applied`` true: at once)
late              the connection is reset; the request is carried out ``seconds`` (1) later
slow              the request is carried out, and answered, ``seconds`` (30) later: for a
                  client that has timed out by then, a time-out and then applied
status            ``status`` (500) is answered, any 4xx or 5xx (``applied`` false)
html              200 with a page of HTML (``applied`` true)
cut_json          200 with half of the JSON (``applied`` true)
cut_body          the connection is reset in the middle of the body (``applied`` true)
error_body        200 with ``{"error": …}`` (``applied`` false)
other_contact     200 with another contact (``applied`` true)
other_envelope    the right answer with its contact in an array, or (where the account gives
                  arrays) as an object
too_many          429 with ``retry_after`` as it stands, none when empty; ``"date"`` is the
                  date ``seconds`` (1) from now
token_refused     401, or ``status``
redirect          307, or a ``status`` of 3xx, to ``location``
drip              the right answer, a byte every ``seconds`` (0.1)
endless_headers   headers without end, up to ``size`` bytes (1 MB)
huge_body         a body of ``size`` bytes (1 GB)
gzip_bomb         a small gzip body that opens to ``size`` bytes (1 GB)
stale             the contact as it was before its last change (``applied`` true)
untrue            the answer says done, and nothing was
ignored           the contact as it was; nothing was done
person_edits      first a person edits the contact: ``edit``, written like a PATCH
person_follows    right after it was applied, a person edits the contact: ``edit``
stir              first a message comes in for the last contact of the listing: pages shift
================  ==========================================================================

A **rule** says when: ``on`` which calls (``patch``, ``get``, ``list``, ``phone``, ``bsuid``,
``bot``, ``teams``, ``members``, ``me``; default ``patch``; ``any`` is all), ``contact`` about
which one (its number or uuid; of calls that have the uuid in their path), then of the calls
that fit: ``nth`` (these, from 1), ``first`` and ``last`` (only between), ``after`` and
``until`` (seconds since the start), ``times`` (at most so often), ``rate`` (this share). With
neither ``nth`` nor ``rate`` all that fit are hit.
The first rule that hits wins. A share is drawn from the seed, the path and how often this path
was asked: so it does not depend on the order in which concurrent requests arrive.

As a file (``--faults faults.toml``)::

    seed = 7

    [[fault]]
    kind = "reset"
    applied = true
    rate = 0.02

    [[fault]]
    kind = "status"
    status = 503
    on = ["any"]
    after = 10
    until = 40
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, ClassVar, Final

from pydantic import ConfigDict, Field

from bulk_update.sandbox.calls import Operation


class FaultKind(StrEnum):
    """What can go wrong; the module's docstring says what each does."""

    RESET = "reset"
    HANG = "hang"
    LATE = "late"
    SLOW = "slow"
    STATUS = "status"
    HTML = "html"
    CUT_JSON = "cut_json"
    CUT_BODY = "cut_body"
    ERROR_BODY = "error_body"
    OTHER_CONTACT = "other_contact"
    OTHER_ENVELOPE = "other_envelope"
    TOO_MANY = "too_many"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - no password
    REDIRECT = "redirect"
    DRIP = "drip"
    ENDLESS_HEADERS = "endless_headers"
    HUGE_BODY = "huge_body"
    GZIP_BOMB = "gzip_bomb"
    STALE = "stale"
    UNTRUE = "untrue"
    IGNORED = "ignored"
    PERSON_EDITS = "person_edits"
    PERSON_FOLLOWS = "person_follows"
    STIR = "stir"


class On(StrEnum):
    """The calls a rule is about."""

    PATCH = "patch"
    GET = "get"
    LIST = "list"
    PHONE = "phone"
    BSUID = "bsuid"
    BOT = "bot"
    TEAMS = "teams"
    MEMBERS = "members"
    ME = "me"
    ANY = "any"


_ON: Final = {
    Operation.PATCH: On.PATCH,
    Operation.GET: On.GET,
    Operation.LIST: On.LIST,
    Operation.BY_PHONE: On.PHONE,
    Operation.BY_BSUID: On.BSUID,
    Operation.BOT: On.BOT,
    Operation.TEAMS: On.TEAMS,
    Operation.MEMBERS: On.MEMBERS,
    Operation.ME: On.ME,
}

APPLIED: Final = frozenset(
    {
        FaultKind.HANG,
        FaultKind.HTML,
        FaultKind.CUT_JSON,
        FaultKind.CUT_BODY,
        FaultKind.OTHER_CONTACT,
        FaultKind.STALE,
        FaultKind.HUGE_BODY,
        FaultKind.GZIP_BOMB,
        FaultKind.ENDLESS_HEADERS,
    }
)
"""The kinds that carry the request out unless ``applied`` says otherwise."""

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]
Ordinal = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule: what goes wrong, and when. None is the kind's own default."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    kind: FaultKind
    on: tuple[On, ...] = (On.PATCH,)
    contact: int | str | None = None
    rate: Share | None = None
    nth: tuple[Ordinal, ...] = ()
    first: Ordinal = 1
    last: Ordinal | None = None
    after: Seconds = 0.0
    until: Seconds | None = None
    times: Ordinal | None = None
    applied: bool | None = None
    status: Annotated[int, Field(ge=300, le=599)] | None = None
    seconds: Seconds | None = None
    size: Ordinal | None = None
    retry_after: str = ""
    location: str = "http://127.0.0.1:9/elsewhere"
    edit: dict[str, str | bool | list[str] | dict[str, str | list[str]]] = field(
        default_factory=lambda: {"note": "Edited by a person"}
    )

    @property
    def applies(self) -> bool:
        """Whether the request is carried out."""
        return self.kind in APPLIED if self.applied is None else self.applied


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """All rules, in the order they are asked, and the seed of their shares."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    fault: tuple[Fault, ...] = ()
    seed: int = 1

    @classmethod
    def of(cls, *faults: Fault, seed: int = 1) -> Faults:
        """These rules."""
        return cls(fault=faults, seed=seed)

    @classmethod
    def every_kind(cls, rate: float, *, seed: int = 1, seconds: float = 0.2) -> Faults:
        """Every kind that leaves the contact's fate open, ``rate`` of the PATCHes in all.

        Each of them with and without being applied; ``seconds`` is for those that take time.
        """
        kinds: list[tuple[FaultKind, bool | None]] = [
            (kind, applied) for kind in _OPEN for applied in (False, True)
        ]
        kinds += [(FaultKind.LATE, None), (FaultKind.TOO_MANY, None)]
        share = rate / len(kinds)
        faults = [Fault(kind=k, applied=a, rate=share, seconds=seconds) for k, a in kinds]
        return cls(fault=tuple(faults), seed=seed)


_OPEN: Final = (
    FaultKind.RESET,
    FaultKind.HANG,
    FaultKind.STATUS,
    FaultKind.HTML,
    FaultKind.CUT_JSON,
    FaultKind.CUT_BODY,
    FaultKind.ERROR_BODY,
    FaultKind.OTHER_CONTACT,
)


@dataclass(slots=True)
class _Counts:
    """What one rule has seen: calls that fit, hits, and how often each path was asked."""

    fitting: int = 0
    hits: int = 0
    paths: Counter[str] = field(default_factory=Counter)


class FaultPlan:
    """Decides, request by request, which fault is played; ``clock`` gives seconds."""

    def __init__(self, faults: Faults, clock: Callable[[], float] = time.monotonic) -> None:
        self._faults = faults
        self._clock = clock
        self._start = clock()
        self._counts = [_Counts() for _ in faults.fault]

    def choose(
        self, operation: Operation, path: str, *, number: int | None, uuid: str
    ) -> Fault | None:
        """The fault to play on this call about this contact, or None."""
        for at, fault in enumerate(self._faults.fault):
            if not _fits(fault, operation, number, uuid):
                continue
            counts = self._counts[at]
            counts.fitting += 1
            counts.paths[path] += fault.rate is not None
            if self._hits(fault, counts, f"{at}|{operation}|{path}|{counts.paths[path]}"):
                counts.hits += 1
                return fault
        return None

    def _hits(self, fault: Fault, counts: _Counts, draw: str) -> bool:
        since = self._clock() - self._start
        return (
            (not fault.nth or counts.fitting in fault.nth)
            and fault.first <= counts.fitting
            and (fault.last is None or counts.fitting <= fault.last)
            and fault.after <= since
            and (fault.until is None or since < fault.until)
            and (fault.times is None or counts.hits < fault.times)
            and (fault.rate is None or self._share(draw) < fault.rate)
        )

    def _share(self, draw: str) -> float:
        """A number from 0 to 1 that this draw always gives."""
        raw = blake2b(f"{self._faults.seed}|{draw}".encode(), digest_size=6).digest()
        return int.from_bytes(raw) / 2**48


def _fits(fault: Fault, operation: Operation, number: int | None, uuid: str) -> bool:
    called = On.ANY in fault.on or _ON[operation] in fault.on
    return called and (fault.contact is None or fault.contact in (number, uuid))
