"""What the tests of mapping share: a sheet's header in, a mapping or its problems out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from bulk_update.errors import SheetError
from bulk_update.mapping import (
    Mapping,
    MappingFile,
    MappingOptions,
    load_mapping_file,
    map_columns,
)

MapHeader = Callable[..., Mapping]
Fails = Callable[..., SheetError]
WriteFile = Callable[[str], MappingFile]


@pytest.fixture
def map_header() -> MapHeader:
    """Maps a header; ``fields`` are the account's, the rest are options."""

    def map_header(header: Sequence[str], fields: Sequence[str] = (), **options: object) -> Mapping:
        return map_columns(header, fields=fields, options=MappingOptions(**options))

    return map_header


@pytest.fixture
def fails(map_header: MapHeader) -> Fails:
    """The error that a header which can't be mapped gives."""

    def fails(header: Sequence[str], fields: Sequence[str] = (), **options: object) -> SheetError:
        with pytest.raises(SheetError) as caught:
            map_header(header, fields, **options)
        assert caught.value.exit_code == 3
        return caught.value

    return fails


@pytest.fixture
def targets(map_header: MapHeader) -> Callable[..., dict[str, str]]:
    """The targets of a header, by column."""

    def targets(*args: object, **options: object) -> dict[str, str]:
        mapping = map_header(*args, **options)
        return {column.header: str(column.target) for column in mapping.columns}

    return targets


@pytest.fixture
def map_file(tmp_path: Path) -> WriteFile:
    """A mapping file with this text, loaded."""

    def map_file(text: str) -> MappingFile:
        path = tmp_path / "clients.map.toml"
        path.write_text(text, encoding="utf-8")
        return load_mapping_file(path)

    return map_file
