"""Seven bytes that say: provisioned."""

from locker.core import marker


def test_a_marker_names_its_owner():
    for owner in (0, 1, 0xDEADBEEF, 0xFFFFFFFF):
        data = marker.pack(owner)
        assert len(data) == marker.MARKER_BYTES and marker.unpack(data) == owner


def test_nothing_else_is_a_marker():
    data = marker.pack(0x12345678)
    assert marker.unpack(bytes(7)) is marker.unpack(b"\xff" * 7) is marker.unpack(b"") is None
    assert marker.unpack(data[:-1]) is None
    for bit in range(56):
        rotten = bytearray(data)
        rotten[bit // 8] ^= 1 << bit % 8
        assert marker.unpack(bytes(rotten)) is None
