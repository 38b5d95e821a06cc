"""What was decided for whole columns, by a flag, the mapping file or the first pass."""

from __future__ import annotations

from dataclasses import dataclass, field

from bulk_update.validation.dates import Order
from bulk_update.validation.decimals import Sign


@dataclass(slots=True)
class Decisions:
    """The order of dates and the decimal sign: ``everywhere``, where somebody said so, else by
    the index of the column. A column without a decision holds nothing that needs one."""

    date_format: Order | str | None = None
    decimal: Sign | None = None
    date_1904: bool = False
    orders: dict[int, Order] = field(default_factory=dict)
    signs: dict[int, Sign] = field(default_factory=dict)

    def order_of(self, index: int | None) -> Order | str | None:
        """The order of a column's dates; ``index`` is None for what stands in no column."""
        return self.date_format or (None if index is None else self.orders.get(index))

    def sign_of(self, index: int | None) -> Sign | None:
        """The decimal sign of a column; ``index`` is None for what stands in no column."""
        return self.decimal or (None if index is None else self.signs.get(index))

    def taken_back(self) -> tuple[dict[int, Order], dict[int, Sign]]:
        """What was decided by column; it is so no more."""
        before = self.orders, self.signs
        self.orders, self.signs = {}, {}
        return before
