"""Which time steps a rotating code (RFC 6238) may come from.

People type late, never early: the window reaches back by their delay and by the clock's
uncertainty, forward by the uncertainty alone. Entries are judged at the time of their first key.
"""

from micropython import const

STEP_S = const(30)
WIDEST = const(10)  # steps: guess mass has its price
WIDEST_PAIRS = const(80)  # of two codes in a row: what limits is the time to compare them

# From reading a code to its first key: median 20 s, p95 46 s. A reach of 45 s refuses 1.4 % of
# honest entries, 75 s 0.13 % (`make clock-lab`).
_DELAY_S = const(75)
_USUAL_S = const(20)


def steps(now_s: int, uncertainty_s: int, widest: int = WIDEST) -> range:
    """The steps since 2020 to accept at now_s, at most ``widest``: then those likeliest."""
    first = (now_s - uncertainty_s - _DELAY_S) // STEP_S
    last = (now_s + uncertainty_s) // STEP_S
    if last - first >= widest:
        last = min(last, (now_s - _USUAL_S) // STEP_S + widest // 2)
        first = last - widest + 1
    return range(first, last + 1)


def is_sure(span_s: int, uncertainty_s: int) -> bool:
    """True while the clock is good enough for codes that last span_s: to a tenth of it."""
    return uncertainty_s * 10 < span_s
