"""Step 2: columns -> targets.

:func:`map_columns` says what every column of a header means, or all that is wrong with it at
once. A column comes to its target by ``-m``, else by the mapping file, else by its own header:
an API name, a name of the header list (``headers.toml``: five languages, compared without case,
accents, spaces, hyphens and underscores), or a custom field's name. Nothing near is ever taken:
a header that is like a target is a question.

:func:`propose` shows the same with reasons, for a person to accept; :func:`load_mapping_file` reads
``FILE.map.toml``. The codes are listed in ``codes``. What writes such files is in ``saving`` and
``amending``, and loaded by those alone who do.
"""

from bulk_update.mapping.columns import map_columns
from bulk_update.mapping.loading import load_mapping_file
from bulk_update.mapping.mapped import MappedColumn, Mapping, MappingOptions
from bulk_update.mapping.mapping_file import ColumnRule, MappingFile
from bulk_update.mapping.proposals import Accept, Proposal, ProposedColumn, propose
from bulk_update.mapping.targets import How

__all__ = [
    "Accept",
    "ColumnRule",
    "How",
    "MappedColumn",
    "Mapping",
    "MappingFile",
    "MappingOptions",
    "Proposal",
    "ProposedColumn",
    "load_mapping_file",
    "map_columns",
    "propose",
]
