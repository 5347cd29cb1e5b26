"""The operator's time token at the keypad: shows a challenge, judges the answer. Imported for one
entry and dropped.

What guessing comes to: one try a challenge, one challenge in ten minutes after a wrong try, seven
digits: 52,560 tries a year at 1e-7, 0.5 % for somebody who types day and night. The prize is no
door but a clock moved by a day at most, and never below its floor. A challenge repeats itself by
chance (1e-6 each), one in ten minutes at most: an overheard token is worth no more than a guess.
"""

import struct

from locker.app.time_task import CHALLENGE_MS, LIVE, NO_CHALLENGE, OLD, USED
from locker.core import damm, faults, records, ticks, time_token
from locker.core.mac import Mac
from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.app.station import Station

_WHY = ("no challenge", "", "used", "old")
_CHALLENGES = const(1_000_000)


def serve(station: "Station", digits: str, first_key: int, now: int) -> None:
    """One entry that begins with 91. Raises OSError when the try cannot be counted on flash."""
    wait_ms = station.vault.lockout.wait_ms(now)
    if not damm.is_valid(digits) or not time_token.is_entry(digits):
        station.session.show_refusal(faults.TYPO, now)
    elif wait_ms:
        station.session.show_refusal(faults.WAIT, now, wait_ms=wait_ms)
    elif time_token.is_question(digits):
        _show_challenge(station, now)
    else:
        _answer(station, digits, first_key, now)


def _show_challenge(station: "Station", now: int) -> None:
    """The same one while it lives; after a wrong try none until its time is over."""
    keeper = station.timekeeper
    left_ms = CHALLENGE_MS - ticks.diff(now, keeper.asked_people_at)
    if keeper.challenge_is == USED and left_ms > 0:
        station.session.show_refusal(faults.WAIT, now, wait_ms=left_ms)
        return
    if keeper.challenge_is != LIVE or left_ms <= 0:
        noise = struct.unpack(">I", station.hal.system.random(4))[0]
        keeper.challenge = noise % _CHALLENGES
        keeper.asked_people_at = now
        keeper.challenge_is = LIVE
    station.session.show_challenge(f"{keeper.challenge:06d}", now)


def _answer(station: "Station", digits: str, first_key: int, now: int) -> None:
    keeper, lockout = station.timekeeper, station.vault.lockout
    age_ms = ticks.diff(first_key, keeper.asked_people_at)
    if keeper.challenge_is == LIVE and not 0 <= age_ms < CHALLENGE_MS:
        keeper.challenge_is = OLD
    if keeper.challenge_is != LIVE:
        _refuse(station, faults.TOKEN_STALE, _WHY[keeper.challenge_is], now)
        return
    lockout.charge(0, 0, True, now)
    station.vault.save_lockout()  # on flash before the result can be seen
    keeper.challenge_is = USED
    mac = Mac(keeper.time_key)
    minutes = time_token.minutes_of(digits, mac, station.name, keeper.challenge)
    if minutes < 0:
        _refuse(station, faults.TOKEN_WRONG, "", now)
        return
    keeper.challenge_is = NO_CHALLENGE  # whoever has the key may ask again at once
    lockout.acquit(0, 0, True)
    station.vault.save_lockout()
    seconds, ms, error_ms = time_token.moment(minutes, age_ms)
    ms += ticks.diff(now, first_key)
    fault = keeper.set_by_token((seconds + ms // 1000, ms % 1000), error_ms, now)
    station.book.commit()
    if fault in (faults.NONE, faults.CLOCK_STEPPED):
        _show_time(station, now)
    else:
        station.session.show_refusal(fault, now)


def _show_time(station: "Station", now: int) -> None:
    minute = station.clock.now_s(now) // 60
    text = "%02d:%02d" % (minute // 60 % 24, minute % 60)
    station.session.show_clock_set(text, station.clock.uncertainty_s(now), now)


def _refuse(station: "Station", fault: int, why: str, now: int) -> None:
    station.book.note(records.REFUSED, now, 0, why, actor=records.OPERATOR, reason=fault)
    station.book.commit()
    station.session.show_refusal(fault, now)
