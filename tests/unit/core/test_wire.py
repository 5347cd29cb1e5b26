"""Messages: signed commands are taken once and whole, the rest is refused with its reason."""

import json

from locker.core import faults, wire
from locker.core.mac import Mac

MAC = Mac(b"c" * 32)


def command(number=5, op="clear", door=3, expires=1_800_000_000, by="alice"):
    return wire.Command(number, op, door, expires, by)


def parsed(payload, retained=False, station="demo"):
    return wire.parse_command(MAC, station, payload, retained)


def test_a_signed_command_is_understood():
    fault, found = parsed(wire.pack_command(MAC, "demo", command()))
    assert fault == faults.NONE
    assert (found.number, found.op, found.door, found.by) == (5, "clear", 3, "alice")


def test_retained_forged_foreign_and_unknown_are_refused():
    good = wire.pack_command(MAC, "demo", command())
    assert parsed(good, retained=True) == (faults.MESSAGE_RETAINED, None)
    assert parsed(good, station="other")[0] == faults.COMMAND_FORGED
    assert wire.parse_command(Mac(b"x" * 32), "demo", good, False)[0] == faults.COMMAND_FORGED
    assert parsed(good.replace(b"alice", b"mallo"))[0] == faults.COMMAND_FORGED
    unknown = wire.pack_command(MAC, "demo", command(op="explode"))
    assert parsed(unknown)[0] == faults.COMMAND_UNKNOWN


def test_malformed_messages_never_raise():
    odd = (
        b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"{}", b'{"id":1}', b"[" * 300,
        b'{"id":true,"op":"clear","n":1,"exp":1,"by":"a","why":"","here":false,"mac":"00"}',
        b'{"id":-1,"op":"clear","n":1,"exp":1,"by":"a","why":"","here":false,"mac":"00"}',
        b'{"id":1,"op":5,"n":1,"exp":1,"by":"a","why":"","here":false,"mac":"00"}',
        b'{"id":1,"op":"clear","n":1.5,"exp":1,"by":"a","why":"","here":false,"mac":"00"}',
        b'{"id":1,"op":"clear","n":1,"exp":99999999999,"by":"a","why":"","here":false,"mac":"00"}',
        b'{"id":1,"op":"clear","n":1,"exp":1,"why":"","here":false,"mac":"00","by":"'
        + b"a" * 30
        + b'"}',
        b'{"id":1,"op":"clear","n":1,"exp":1,"by":"a","mac":"00"}',
        b'{"id":1,"op":"clear","n":1,"exp":1,"by":"a","why":"fun","here":false,"mac":"00"}',
        b'{"id":1,"op":"clear","n":1,"exp":1,"by":"a","why":[],"here":false,"mac":"00"}',
        b'{"id":1,"op":"clear","n":1,"exp":1,"by":"a","why":"","here":1,"mac":"00"}',
        b'{"id":1,"op":"release","n":1,"exp":1,"by":"a","why":"","here":false,"mac":"00"}',
    )  # fmt: skip
    for payload in odd:
        assert parsed(payload) == (faults.MESSAGE_MALFORMED, None), payload
    for mac in (b"5", b"null", b'""', b'"zz"', b"[]"):
        payload = (
            b'{"id":1,"op":"clear","n":1,"exp":1,"by":"a","why":"","here":true,"mac":' + mac + b"}"
        )
        assert parsed(payload)[0] == faults.COMMAND_FORGED
    assert parsed(b" " * (wire.PAYLOAD_LIMIT + 1))[0] == faults.MESSAGE_OVERSIZED


def test_acknowledgements_are_signed_too():
    good = wire.pack_ack(MAC, "demo", 77)
    assert wire.parse_ack(MAC, "demo", good, False) == (faults.NONE, 77)
    assert wire.parse_ack(MAC, "demo", good, True) == (faults.MESSAGE_RETAINED, 0)
    assert (
        wire.parse_ack(MAC, "demo", good.replace(b"77", b"78"), False)[0] == faults.COMMAND_FORGED
    )
    assert wire.parse_ack(MAC, "demo", b"{}", False)[0] == faults.MESSAGE_MALFORMED


def test_a_note_is_printable_whatever_it_holds():
    assert wire.printable(b"alice\x00\x00") == "alice"
    assert wire.printable(bytes(range(256))) == "".join(chr(c) for c in range(32, 127))


def test_states_are_json():
    assert json.loads(wire.state(False, 9, "0.1")) == {"v": 1, "up": False, "boot": 9, "fw": "0.1"}
    assert json.loads(wire.response(5, "done", 0)) == {"v": 1, "id": 5, "st": "done", "err": 0}


def test_the_state_tells_the_head_or_the_fault():
    head = wire.head(77, bytes(range(16)))
    told = json.loads(wire.state(True, 9, "0.1", **head))
    assert (told["q"], told["tag"]) == (77, "000102030405060708090a0b0c0d0e0f")
    assert json.loads(wire.state(True, 9, "0.1", e=43))["e"] == 43
