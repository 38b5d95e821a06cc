"""How often Python looks for garbage while changes are sent."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_RARELY: Final = (50_000, 20, 100)


@contextmanager
def rare_collections() -> Iterator[None]:
    """Within the block the collector passes over what lives already, and looks seldom.

    Every request makes thousands of objects that die by themselves. Measured, looking among all
    others for cycles took a fifth of what sending costs, and held up every request under way.
    Nor is there a look before it begins: that takes longer than a thousand requests, for what
    little garbage there may be.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
