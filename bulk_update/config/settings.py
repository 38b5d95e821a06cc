"""The settings themselves: every name, its type, its default, and where it may be said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bulk_update.config import addresses, words
from bulk_update.config.places import user_data_dir, user_state_dir
from bulk_update.config.tokens import TokenSource
from bulk_update.model import RowStatus, Target
from bulk_update.quantities import (
    Deadline,
    Share,
    parse_count,
    parse_deadline,
    parse_duration,
    parse_rate,
    parse_share,
)

DEFAULT_BASE_URL: Final = "https://api.callbell.eu/v1"
DEFAULT_RATE: Final = 30.0

_workers = partial(parse_count, least=1, most=2048)
_canary = partial(parse_count, least=0, most=100_000)

Word = Annotated[str, BeforeValidator(words.parse_word)]
Switch = Annotated[bool, BeforeValidator(words.parse_switch)]
Place = Annotated[Path, BeforeValidator(words.parse_path)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Limit = Annotated[Share, BeforeValidator(parse_share)]
Hidden = Annotated[Literal["skip", "include"], BeforeValidator(words.one_of("skip", "include"))]
DecimalSign = Annotated[Literal[",", "."], BeforeValidator(words.one_of(",", "."))]
TagMode = Annotated[Literal["add", "replace"], BeforeValidator(words.one_of("add", "replace"))]
OnInvalid = Annotated[Literal["skip", "stop"], BeforeValidator(words.one_of("skip", "stop"))]
Fix = Annotated[Literal["safe", "off"], BeforeValidator(words.one_of("safe", "off"))]
Language = Annotated[
    Literal["en", "it", "es", "fr", "pt"],
    BeforeValidator(words.one_of("en", "it", "es", "fr", "pt")),
]
IfChanged = Annotated[
    Literal["skip", "overwrite", "stop"],
    BeforeValidator(words.one_of("skip", "overwrite", "stop")),
]


class Settings(BaseSettings):
    """Everything a command runs with; made by :func:`bulk_update.config.resolve` alone.

    None means that nobody said it and that the step decides (``workers`` by latency, ``region``
    not at all). ``rate`` is in requests a second, every request counted.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=False
    )

    # the account
    profile: Word | None = None
    base_url: Annotated[str, BeforeValidator(addresses.base_url)] = DEFAULT_BASE_URL
    schema_path: Place | None = None
    sandbox: Switch = False
    proxy: Annotated[SecretStr, BeforeValidator(addresses.proxy_url)] | None = None
    ca_file: Place | None = None

    # reading and meaning
    encoding: Annotated[str, BeforeValidator(words.parse_encoding)] | None = None
    delimiter: Annotated[str, BeforeValidator(words.parse_delimiter)] | None = None
    hidden: Hidden | None = None
    date_format: Annotated[str, BeforeValidator(words.parse_date_format)] | None = None
    decimal: DecimalSign | None = None
    region: Annotated[str, BeforeValidator(words.parse_region)] | None = None
    channel: Word | None = None
    tags: TagMode = "add"
    strict: Switch = False
    on_invalid: OnInvalid = "skip"
    fix: Fix = "safe"
    lang: Language | None = None

    # sending
    rate: Annotated[float, BeforeValidator(parse_rate)] = DEFAULT_RATE
    workers: Annotated[int, BeforeValidator(_workers)] | None = None
    canary: Annotated[int, BeforeValidator(_canary)] = 10
    expect_side_effect: Annotated[tuple[Target, ...], BeforeValidator(words.parse_fields)] = ()
    max_failures: Limit = Share(10, percent=True)
    max_not_found: Limit = Share(20, percent=True)
    if_changed: IfChanged = "skip"
    max_age: Duration = timedelta(minutes=15)
    max_plan_age: Duration = timedelta(hours=24)
    deadline: Annotated[Deadline, BeforeValidator(parse_deadline)] | None = None
    accept: Annotated[frozenset[RowStatus], BeforeValidator(words.parse_statuses)] = frozenset()
    wait_lock: Duration | None = None
    since_last: Switch = False
    release_undo: Word | None = None
    yes: Switch = False
    confirm_account: Word | None = None
    reason: Word | None = None

    # places
    state_dir: Place = Field(default_factory=user_state_dir)
    journal_url: Annotated[SecretStr, BeforeValidator(addresses.journal_url)] | None = None
    out: Place | None = None
    only_bad: Switch = False

    # everywhere
    json_output: Switch = False
    quiet: Switch = False
    verbose: Switch = False
    no_color: Switch = False
    no_progress: Switch = False
    no_input: Switch = False

    # how it came to be
    token_source: TokenSource | None = None
    files: tuple[Path, ...] = ()
    origins: Mapping[str, str] = Field(default_factory=dict, repr=False)

    @property
    def token(self) -> SecretStr | None:
        """The API token, read now; None where nothing names one.

        Raises ``ConfigError`` when the place named holds none that could be sent. It is asked
        for as late as can be: a check with a schema needs no token.
        """
        return self.token_source.read() if self.token_source else None

    @property
    def runs_dir(self) -> Path:
        """The folder that gets a folder of reports for each run, unless ``out`` names one."""
        return user_data_dir() / "bulk-update-runs"

    def origin(self, name: str) -> str:
        """Where a value came from: ``flag --rate``, ``variable BULK_UPDATE_PROFILE``, the path
        of a file (with its profile), or ``default``. Raises ``KeyError`` for no setting."""
        if name == "token":
            return self.token_source.origin if self.token_source else "default"
        field = FIELD_OF_KEY.get(name, name)
        if field not in type(self).model_fields:
            raise KeyError(name)
        return self.origins.get(field, "default")

    def for_server(self, base_url: str, token: str, *, origin: str) -> Settings:
        """The same settings against another server: how ``--sandbox`` puts in its own. It is on
        this machine, so no proxy is in between."""
        source = TokenSource(origin=origin, where=origin, value=SecretStr(token))
        origins = {**self.origins, "base_url": origin}
        other = {"base_url": base_url, "token_source": source, "proxy": None}
        return self.model_copy(update={**other, "origins": origins})


FIELD_OF_KEY: Final = {"schema": "schema_path", "journal": "journal_url", "json": "json_output"}
"""Where a flag or key has another name than the field: those would hide methods of pydantic's,
or say too little."""

_KEY_OF_FIELD: Final = {field: key for key, field in FIELD_OF_KEY.items()}
_NOT_SAID: Final = frozenset({"token_source", "files", "origins", "ca_file"})

FLAGS: Final = frozenset(
    _KEY_OF_FIELD.get(name, name) for name in Settings.model_fields if name not in _NOT_SAID
)
"""The names that ``resolve`` takes as flags: ``-`` is ``_``, without the leading dashes."""

FLAG_ONLY: Final = frozenset(
    {
        "profile",
        "sandbox",
        "hidden",
        "tags",
        "since_last",
        "release_undo",
        "yes",
        "confirm_account",
        "reason",
        "json",
        "quiet",
        "verbose",
    }
)
"""What consents, or changes the meaning of every cell, is said each time, by who runs it."""

FILE_KEYS: Final = FLAGS - FLAG_ONLY
"""What may stand in a TOML file, at its top or in a profile."""

VARIABLES: Final = {
    "BULK_UPDATE_PROFILE": "profile",
    "BULK_UPDATE_BASE_URL": "base_url",
    "BULK_UPDATE_STATE_DIR": "state_dir",
    "BULK_UPDATE_JOURNAL": "journal_url",
    "NO_COLOR": "no_color",
    "SSL_CERT_FILE": "ca_file",
}
"""The variables, beside the token's and ``BULK_UPDATE_CONFIG``, and the fields they set."""

PLACES: Final = ("schema_path", "state_dir", "out", "ca_file")
"""The fields that are paths: a relative one starts where it was said."""
