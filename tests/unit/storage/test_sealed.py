"""board.json and station.json on the device: as the host made them, or refused in words."""

import os

from locker.core import seal
from locker.storage import sealed
from scratch_folder import scratch_folder

BODY = b'{"station":"north","heartbeat_s":60'
GOOD = BODY + seal.tail(BODY)


def loaded(data):
    """The object, or the line for the console. Every object is a good one."""
    with scratch_folder() as folder:
        path = folder + "/station.json"
        if data is not None:
            with open(path, "wb") as file:
                file.write(data)
        config, problems = sealed.load(path, lambda config: [])
        return problems[0] if problems else config


def test_a_whole_file_is_taken_with_its_checksum():
    crc = GOOD[-10:-2].decode()
    assert loaded(GOOD) == {"station": "north", "heartbeat_s": 60, "crc": crc}


def test_the_rules_see_the_file_without_its_checksum():
    with scratch_folder() as folder:
        with open(folder + "/board.json", "wb") as file:
            file.write(GOOD)
        rules = lambda config: sorted(config)  # noqa: E731
        assert sealed.load(folder + "/board.json", rules)[1] == ["heartbeat_s", "station"]


def test_a_missing_file_is_none():
    assert loaded(None) is None


def test_every_flipped_bit_is_refused():
    for at in range(len(GOOD)):
        for bit in range(8):
            data = bytearray(GOOD)
            data[at] ^= 1 << bit
            assert not seal.is_sealed(bytes(data)), (at, bit)


def test_a_file_that_ends_early_is_refused():
    for size in range(len(GOOD)):
        assert not seal.is_sealed(GOOD[:size]), size
    assert "checksum does not fit" in loaded(GOOD[:-1])


def test_what_somebody_edited_on_the_device_is_refused_and_told_how_to_get_it_right():
    said = loaded(GOOD.replace(b"60", b"61"))
    assert said.startswith("station.json: its checksum does not fit")
    assert "on the computer" in said
    assert loaded(GOOD + b"\n") == said, "an editor's last line"
    assert loaded(BODY + b"}") == said, "one without a checksum"


def test_another_file_under_this_name_is_refused():
    for data in (b"", b"\x00" * 100, b"\x7fELF", b"[]", b"x" * 100_000):
        assert "checksum does not fit" in loaded(data)


def test_a_folder_of_this_name_is_refused():
    with scratch_folder() as folder:
        os.mkdir(folder + "/station.json")
        config, problems = sealed.load(folder + "/station.json", lambda config: [])
        assert config == {} and "cannot be read" in problems[0]
        os.rmdir(folder + "/station.json")
