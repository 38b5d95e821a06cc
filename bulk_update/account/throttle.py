"""How fast requests may leave: paced, never more than the rate in any second, and all of them
at rest while the account says 429.

Two rules hold together. **Pacing** (a leaky bucket of a few requests) keeps the flow even.
**Slots held by acknowledgement** keep the promise: of ``rate`` slots a request holds one from
its send until one second after its *answer*. The account stamps a request between its send and
its answer, so two requests that used one slot are stamped more than a second apart, whatever the
network does, and no window of a second, rolling or on the calendar, ever holds more than
``rate`` of them. Waiting for the answer costs goodput, so once a full window of answers was
seen, most of the shortest round trip is given back: the next request needs at least that long to
reach the account and to be answered. When a still shorter one is seen, the slots in use are
reckoned anew.

The public API reference: over 300 requests in a second are answered 429. Its scope is not said,
so every request of this program counts, of whatever kind.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable
from heapq import heappop, heappush
from typing import Final

from aiolimiter import AsyncLimiter

WINDOW: Final = 1.0
"""Seconds in which the account counts requests."""

CREDIT: Final = 0.95
"""Share of the shortest round trip that is given back."""

LEAST_MARGIN: Final = 0.001
"""Seconds of the shortest round trip that are always kept, against the noise of clocks."""

BURST: Final = 6
"""Requests that may leave together: small enough to be even, large enough that a timer's grain
of a millisecond costs no goodput."""

LEAST_SLEEP: Final = 0.00001
"""Seconds: what is left by rounding must not become a hot loop."""

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0
"""Seconds that all requests rest after a 429 that doesn't say how long."""

LONGEST_HONOURED: Final = 300.0
"""A ``Retry-After`` beyond this is longer than anybody waits: the account is asked again after
:data:`LONGEST_PAUSE`."""

WORTH_SAYING: Final = 5.0
"""Seconds of rest from which on somebody who watches wonders what is wrong."""

LOWEST_SHARE: Final = 0.1
FALL: Final = 0.5
CREEP: Final = 0.05
"""After a 429 the rate falls by half at once, and comes back by a twentieth of the whole
a second."""

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Slot:
    """The right to send one request now. Exactly one of its methods is called afterwards; a
    second call does nothing."""

    __slots__ = ("_open", "_throttle", "sent_at")

    def __init__(self, throttle: Throttle, sent_at: float) -> None:
        self._throttle = throttle
        self._open = True
        self.sent_at = sent_at

    def answered(self, *, refused: bool = False) -> None:
        """The head of the answer is in; ``refused`` when it is a 429."""
        if self._open:
            self._open = False
            self._throttle.note_answered(self.sent_at, refused=refused)

    def lost(self, after: float = 0.0) -> None:
        """No answer came. Held ``after`` seconds (while the request may still arrive: what is
        left of its time-out) and a window more."""
        if self._open:
            self._open = False
            self._throttle.note_lost(after)

    def never_left(self) -> None:
        """The request never left, so it counts for nothing: no connection could be made."""
        if self._open:
            self._open = False
            self._throttle.note_returned()


class Throttle:
    """Lets ``rate`` requests a second leave, in order of asking; ``None`` lets all leave, and
    only a 429 makes them wait.

    ``clock`` gives seconds that never run backwards, ``sleep`` waits for some; a simulated pair
    must be that of the running event loop, on which the pacing runs. One event loop only.
    ``on_rest`` is told for how many seconds all rest, once for each rest that is long.
    """

    def __init__(
        self,
        rate: float | None,
        *,
        clock: Clock = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        on_rest: Callable[[float], object] | None = None,
    ) -> None:
        if rate is not None and not (rate > 0 and math.isfinite(rate)):
            raise ValueError(f"not a rate: {rate}")
        self.rate = rate
        self._clock = clock
        self._sleep = sleep
        self._on_rest = on_rest
        self._said_until = -math.inf
        self._turn = asyncio.Lock()
        self._changed = asyncio.Event()
        self._held = _Held()
        self._pause = _Pause()
        self._set_pace(rate or math.inf)
        self._crept_at = clock()

    # -- asking ------------------------------------------------------------------------

    async def acquire(self) -> Slot:
        """Waits for a turn, then gives the right to send one request at once."""
        if self.rate is None:
            return await self._acquire_unpaced()
        if self._turn.locked() or not self._free_at_once():
            async with self._turn:
                await self._wait_for_turn()
        else:
            await self._pacer.acquire()  # has room: does not give way to others
        self._held.in_flight += 1
        return Slot(self, self._clock())

    async def _acquire_unpaced(self) -> Slot:
        while self._pause.until > (now := self._clock()):
            await self._sleep(self._pause.until - now)
        return Slot(self, now)

    def _free_at_once(self) -> bool:
        return self._wait() <= 0 and self._pacer.has_capacity()

    async def _wait_for_turn(self) -> None:
        while True:
            while (wait := self._wait()) > 0:
                await self._wait_or_change(wait)
            await self._pacer.acquire()
            if self._wait() <= 0:  # a 429 may have come in while pacing
                return

    def _wait(self) -> float:
        """Seconds until a slot is free and nothing pauses: 0 for now, infinite for an answer."""
        now = self._clock()
        self._creep(now)
        return max(self._pause.until - now, self._held.wait(now, self._slots))

    async def _wait_or_change(self, wait: float) -> None:
        if math.isfinite(wait):
            await self._sleep(max(wait, LEAST_SLEEP))
        else:
            self._changed.clear()
            await self._changed.wait()

    # -- what became of a request: for Slot alone ---------------------------------------

    def note_answered(self, sent_at: float, *, refused: bool) -> None:
        """The slot taken at ``sent_at`` is held for a window from now."""
        now = self._clock()
        if not refused:
            self._pause.got_through(sent_at)
        if self.rate is not None:
            self._held.answer(now, now - sent_at, self._slots)
            self._changed.set()

    def note_lost(self, after: float) -> None:
        """A slot is held for ``after`` seconds and a window."""
        if self.rate is not None:
            self._held.lose(self._clock() + max(after, 0.0) + WINDOW)
            self._changed.set()

    def note_returned(self) -> None:
        """A slot is free again."""
        if self.rate is not None:
            self._held.in_flight -= 1
            self._changed.set()

    # -- 429 ---------------------------------------------------------------------------

    def refused(self, retry_after: float | None, *, slot: Slot | None = None) -> None:
        """A 429 came in, with a ``Retry-After`` of so many seconds or none: nobody sends until
        it is over, and the rate falls. Without one the pause is 1 s, doubled up to 30 s only
        while no request gets through. ``slot`` is that of the refused request: one that was
        sent before the last 429 is no further sign, so it makes nothing slower."""
        now = self._clock()
        if self._pause.extend(now, retry_after, None if slot is None else slot.sent_at):
            self._held.forget()
            self._fall(now)
        self._say_rest(now)

    def _say_rest(self, now: float) -> None:
        """The echoes of a 429 make a rest longer by moments, which is no news."""
        until = self._pause.until
        if self._on_rest and until - now >= WORTH_SAYING and until > self._said_until + WINDOW:
            self._said_until = until
            self._on_rest(until - now)

    @property
    def waited_429(self) -> float:
        """Seconds that everybody has been at rest since a request last got through; 0.0 when
        the last one did. After 5 minutes of nothing but 429 it is time to end."""
        return self._pause.waited(self._clock())

    @property
    def current_rate(self) -> float | None:
        """Requests a second that leave now: ``rate``, or less for a while after a 429."""
        return None if self.rate is None else self._current

    @property
    def shortest_round_trip(self) -> float:
        """The least time that a request took to its answer, in seconds; 0.0 while none is known."""
        return self._held.shortest

    def _fall(self, now: float) -> None:
        if self.rate is not None:
            self._set_pace(max(self._current * FALL, self.rate * LOWEST_SHARE))
            self._crept_at = max(now, self._pause.until)

    def _creep(self, now: float) -> None:
        if self.rate is None or self._current >= self.rate or now - self._crept_at < 1.0:
            return
        steps = int(now - self._crept_at)
        self._crept_at += steps
        self._set_pace(min(self._current + self.rate * CREEP * steps, self.rate))

    def _set_pace(self, rate: float) -> None:
        self._current = rate
        self._slots = max(1, int(rate)) if math.isfinite(rate) else 0
        step = max(1.0, min(float(BURST), rate / 50))
        self._pacer = AsyncLimiter(step, step / rate if math.isfinite(rate) else 1.0)


class _Held:
    """The slots in use: in flight, answered less than a window ago, or lost."""

    __slots__ = ("_answers", "_granted", "_hold", "_lost", "_seen", "_shortest", "in_flight")

    def __init__(self) -> None:
        self.in_flight = 0
        self._answers: deque[float] = deque()
        self._lost: list[float] = []
        self._shortest = math.inf
        self._seen = 0
        self._granted = False
        self._hold = WINDOW

    def wait(self, now: float, slots: int) -> float:
        """Seconds until one of ``slots`` is free; 0 for now, infinite while only an answer can
        free one."""
        answers, lost = self._answers, self._lost
        while answers and answers[0] + self._hold <= now:
            answers.popleft()
        while lost and lost[0] <= now:
            heappop(lost)
        if self.in_flight + len(answers) + len(lost) < slots:
            return 0.0
        first = answers[0] + self._hold if answers else math.inf
        return min(first, lost[0] if lost else math.inf) - now

    @property
    def shortest(self) -> float:
        """The shortest round trip seen; 0.0 before the first."""
        return self._shortest if math.isfinite(self._shortest) else 0.0

    def answer(self, now: float, round_trip: float, slots: int) -> None:
        """An answer came in. The time of holding applies to all that were answered already,
        for it is added only when they are looked at: a new shortest round trip lengthens it."""
        self.in_flight -= 1
        self._answers.append(now)
        self._seen += 1
        if round_trip < self._shortest or (not self._granted and self._seen >= slots):
            self._shortest = min(round_trip, self._shortest)
            self._granted = self._seen >= slots
            self._hold = WINDOW - (self._credit() if self._granted else 0.0)

    def _credit(self) -> float:
        credit = min(self._shortest * CREDIT, self._shortest - LEAST_MARGIN)
        return min(max(credit, 0.0), WINDOW * CREDIT)

    def lose(self, until: float) -> None:
        """A request without an answer holds its slot until then."""
        self.in_flight -= 1
        heappush(self._lost, until)

    def forget(self) -> None:
        """The account refused all the same: nothing is given back until another full window."""
        self._seen = 0
        self._granted = False
        self._hold = WINDOW


class _Pause:
    """Until when everybody rests, and for how long nothing has got through."""

    __slots__ = ("_before", "_began", "_next", "_refused_at", "until")

    def __init__(self) -> None:
        self.until = -math.inf
        self._began = -math.inf
        self._before = 0.0
        self._next = FIRST_PAUSE
        self._refused_at = -math.inf

    def extend(self, now: float, retry_after: float | None, sent_at: float | None) -> bool:
        """Pauses; whether this 429 is news, and not the echo of one that is known."""
        news = now >= self.until if sent_at is None else sent_at > self._refused_at
        length = self._length(retry_after, news=news)
        if news:
            self._refused_at = now
        if length > 0:
            self._rest(now, length)
        return news

    def _rest(self, now: float, length: float) -> None:
        if now >= self.until:
            self._before = self.waited(now)
            self._began = now
        self.until = max(self.until, now + length)

    def _length(self, retry_after: float | None, *, news: bool) -> float:
        if retry_after is not None and 0 < retry_after <= LONGEST_HONOURED:
            return retry_after
        if retry_after is not None and retry_after > LONGEST_HONOURED:
            return LONGEST_PAUSE
        if not news:
            return 0.0
        length, self._next = self._next, min(self._next * 2, LONGEST_PAUSE)
        return length

    def got_through(self, sent_at: float) -> None:
        """A request that left after the last 429 was not refused."""
        if self._began > -math.inf and sent_at >= self.until:
            self._next = FIRST_PAUSE
            self._before = 0.0
            self._began = self.until = -math.inf

    def waited(self, now: float) -> float:
        """Seconds at rest since a request last got through."""
        if self._began == -math.inf:
            return 0.0
        return self._before + min(now, self.until) - self._began
