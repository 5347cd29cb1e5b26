"""One-time codes of RFC 4226 (a counter) and RFC 6238 (time), as any authenticator app makes them.
The same module on the station and on the host.
"""

import struct

from micropython import const

TYPE_CHECKING = const(0)
if TYPE_CHECKING:
    from locker.core.mac import Mac

PERIOD_S = const(30)


def step_at(unix_s: int, period_s: int = PERIOD_S) -> int:
    """RFC 6238's T: how many periods have passed since 1970. unix_s >= 0, period_s > 0."""
    return unix_s // period_s


def code(mac: "Mac", step: int, digits: int) -> int:
    """RFC 4226's HOTP of a counter, and RFC 6238's TOTP of a step. mac: of the shared secret, with
    the app's hash; step: 0..2**64-1; digits: 6..8.
    """
    return truncate(mac.digest(struct.pack(">Q", step)), digits)


def truncate(digest: bytes, digits: int) -> int:
    """RFC 4226 section 5.3 to 1..9 digits; 10..18 take 63 bits at the same offset, of a SHA-256
    digest only.
    """
    offset = digest[-1] & 0x0F
    if digits > 9:
        number: int = struct.unpack_from(">Q", digest, offset)[0] & 0x7FFFFFFFFFFFFFFF
    else:
        number = struct.unpack_from(">I", digest, offset)[0] & 0x7FFFFFFF
    shortened: int = number % 10**digits
    return shortened
