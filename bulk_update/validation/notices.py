"""What is said once, before any row is judged: of the mapping's columns and of its constants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from bulk_update.account.schema import AccountSchema, FieldSchema
from bulk_update.errors import SheetError, UsageError
from bulk_update.language import _
from bulk_update.model import FieldType, Finding, Policy, TargetKind
from bulk_update.validation.codes import Code
from bulk_update.validation.columns import ColumnCompiler
from bulk_update.validation.judged import Judged, blocking
from bulk_update.validation.options import ValidationOptions
from bulk_update.validation.says import Says

if TYPE_CHECKING:
    from bulk_update.mapping import Mapping

_WITH_OPTIONS: Final = (FieldType.DROPDOWN, FieldType.CHECKBOX)


def judged_constants(compiler: ColumnCompiler) -> list[Judged]:
    """The constants of the mapping, judged like cells. Raises UsageError where one can't be sent:
    every row would have it."""
    constants = compiler.mapping.constants
    judged = [compiler.constant(target, value) for target, value in constants]
    faults = [fault for each in judged for fault in each.findings if blocking([fault])]
    if faults:
        raise UsageError(
            "\n".join(f"{fault.column}: {fault.message}" for fault in faults),
            hint="\n".join(filter(None, (fault.hint for fault in faults))),
            code=faults[0].code,
        )
    return judged


def column_findings(
    mapping: Mapping, schema: AccountSchema, options: ValidationOptions
) -> Iterator[Finding]:
    """What is not known of the custom fields that columns mean, and so can't be checked."""
    for column in mapping.columns:
        if column.target.kind is TargetKind.CUSTOM_FIELD:
            says, name = Says(column.header, options), column.target.custom
            yield from _unknown(says, name, schema.fields.get(name))


def _unknown(says: Says, name: str, field: FieldSchema | None) -> Iterator[Finding]:
    if field is None or field.type is None:
        message = _("the type of the custom field '{field}' isn't known: it is sent as text")
        hint = _(
            "bulk-update schema pull reads types from contacts that have the field; where none "
            "shows one: bulk-update schema add field NAME --type TYPE --schema FILE"
        )
        code = Code.FIELD_TYPE_UNKNOWN
    elif field.type in _WITH_OPTIONS and not field.options:
        message = _("the options of the custom field '{field}' aren't known: any value is sent")
        hint = _("bulk-update schema pull reads them, or complete the schema file")
        code = Code.OPTIONS_UNKNOWN
    else:
        return
    yield says.warning(code, message.format(field=name), value=None, hint=hint)


def check_additions(mapping: Mapping, schema: AccountSchema) -> None:
    """Only a list can be added to: anything else would be overwritten, which nobody asked for.
    Raises SheetError for a column that would be."""
    for column in mapping.columns:
        field = schema.fields.get(column.target.custom)
        if column.policy is not Policy.ADD or column.target.kind is not TargetKind.CUSTOM_FIELD:
            continue
        if field is not None and field.type not in (None, FieldType.CHECKBOX):
            message = _("{where}: {setting} can't be used with {target}").format(
                where=_("column {column}").format(column=f"'{column.header}'"),
                setting='policy = "add"',
                target=f"{column.target} ({field.type})",
            )
            raise SheetError(message, hint=_("leave the setting out"), code="setting_unfit")
