"""The pulse train for hardware that sends (ticks, level) segments: the ESP32's RMT."""

from micropython import const

# A block holds 64 symbols of two segments, newer drivers take 48; one is the end mark.
SEGMENTS_MAX = const(94)
_SEGMENT_TICKS = const(32_767)


def train(on_ms: int, rests: int, ticks_hz: int) -> "tuple[list[int], list[bool]]":
    """Durations in ticks and levels: on for on_ms, then off for rests times as long.

    A level longer than a segment is sent as several. ValueError when they do not fit one block: a
    train that interrupts must refill can repeat for ever when the CPU hangs.
    """
    on_ticks = on_ms * ticks_hz // 1000
    durations: list[int] = []
    levels: list[bool] = []
    for ticks, level in ((on_ticks, True), (on_ticks * rests, False)):
        while ticks > 0:
            durations.append(min(ticks, _SEGMENT_TICKS))
            levels.append(level)
            ticks -= _SEGMENT_TICKS
    if len(durations) > SEGMENTS_MAX:
        raise ValueError("pulse train too long")
    return durations, levels


def rests_for(duty_percent: int) -> int:
    """How many times its on-time a coil must rest: 1 to 24 for 50 to 4 percent."""
    return 99 // duty_percent
