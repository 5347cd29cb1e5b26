"""Journal records and cells: what was written is read, and nothing else is."""

from locker.core import records
from locker.core.mac import Mac

FIELDS = (7, 3, records.DOOR, 4, 1, 11, 29, 2, 215_000_123, 9, 5, 1234, b"alice")


def test_a_record_comes_back_as_it_was():
    data = records.pack_record(Mac(b"k" * 32), records.first_tag(), FIELDS)
    assert len(data) == records.RECORD_BYTES
    record = records.unpack_record(data)
    assert (record.seq, record.boot, record.kind, record.door) == FIELDS[:4]
    assert (record.time_s, record.uncertainty_s, record.tenancy, record.value) == FIELDS[8:12]
    assert record.note == b"alice" + bytes(13)


def test_any_flipped_bit_is_found():
    data = records.pack_record(Mac(b"k" * 32), records.first_tag(), FIELDS)
    for position in range(0, len(data) * 8, 3):
        rotten = bytearray(data)
        rotten[position // 8] ^= 1 << position % 8
        assert records.unpack_record(bytes(rotten)) is None
    assert records.unpack_record(data[:-1]) is None and records.unpack_record(b"") is None


def test_the_chain_shows_a_changed_history():
    mac = Mac(b"k" * 32)
    first = records.pack_record(mac, records.first_tag(), FIELDS)
    second = records.pack_record(mac, records.unpack_record(first).tag, (8,) + FIELDS[1:])
    assert records.chain_holds(mac, records.unpack_record(first).tag, second)
    assert not records.chain_holds(mac, records.first_tag(), second)
    assert not records.chain_holds(Mac(b"x" * 32), records.unpack_record(first).tag, second)


def test_a_cell_comes_back_and_damage_is_found():
    data = records.pack_cell(3, 1, 42, 0xFEDCBA98, b"payload", 77)
    assert records.unpack_cell(3, data) == (1, 42, 0xFEDCBA98, b"payload", 77)
    assert records.unpack_cell(4, data) is None
    for i in range(len(data)):
        rotten = bytearray(data)
        rotten[i] ^= 0x10
        assert records.unpack_cell(3, bytes(rotten)) is None
        assert records.unpack_cell(3, data[:i]) is None
