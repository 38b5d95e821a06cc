"""A rehearsal: everything that a ``faults.toml`` can say about how the account behaves.

Beside ``seed`` and ``[[fault]]`` (see :mod:`bulk_update.sandbox.faults`) the file may hold::

    [behaviour]  # the switches of bulk_update.sandbox.behaviour
    custom_fields = "replace"

    [rate_limit]  # per_second, window = "rolling" | "calendar" | "off"
    per_second = 100

    [latency]  # seconds
    mean = 0.05
    jitter = 0.01
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError

from bulk_update.errors import ConfigError
from bulk_update.language import _
from bulk_update.sandbox.behaviour import Behaviour
from bulk_update.sandbox.faults import Fault, Faults
from bulk_update.sandbox.limits import NO_LATENCY, Latency, RateLimit

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """How the account is to behave."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    seed: int = 1
    fault: tuple[Fault, ...] = ()
    behaviour: Behaviour = field(default_factory=Behaviour)
    rate_limit: RateLimit = field(default_factory=RateLimit)
    latency: Latency = NO_LATENCY

    @property
    def faults(self) -> Faults:
        """The rules, with their seed."""
        return Faults(fault=self.fault, seed=self.seed)


def load_rehearsal(path: Path) -> Rehearsal:
    """The rehearsal a TOML file describes; a BOM is let pass.

    ``ConfigError`` for a file that can't be read, is no TOML (with the line), or says what
    the sandbox does not know: every such place at once.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _unreadable(path, str(error)) from error
    try:
        return TypeAdapter(Rehearsal).validate_python(table)
    except ValidationError as error:
        raise _unreadable(path, "; ".join(_faults_of(error))) from error


def _unreadable(path: Path, why: str) -> ConfigError:
    return ConfigError(
        _("the faults file {path} can't be used: {why}").format(path=path, why=why),
        hint=_("'bulk-update sandbox --help' shows what it may hold"),
    )


def _faults_of(error: ValidationError) -> list[str]:
    """One line for each thing that is wrong: where, why, and what may have been meant."""
    return [
        "{}: {}".format(".".join(str(part) for part in each["loc"]), _why(each))
        for each in error.errors(include_url=False, include_input=False)
    ]


def _why(fault: ErrorDetails) -> str:
    if fault["type"] != "unexpected_keyword_argument":
        return fault["msg"]
    table = _TABLES[str(fault["loc"][0])] if len(fault["loc"]) > 1 else Rehearsal
    known = [each.name for each in fields(table)]
    near = get_close_matches(str(fault["loc"][-1]), known, n=1)
    if not near:
        return _("unknown; known are {names}").format(names=", ".join(known))
    return _('unknown; did you mean "{name}"?').format(name=near[0])


_TABLES: Final = {
    "fault": Fault,
    "behaviour": Behaviour,
    "rate_limit": RateLimit,
    "latency": Latency,
}
