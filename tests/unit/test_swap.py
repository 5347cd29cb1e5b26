"""A staged version gets into place, from whatever point it was cut at."""

import binascii
import os

import swap
from scratch_folder import scratch_folder


def write(folder, **files):
    for name, text in files.items():
        with open(folder + "/" + name.replace("_", "."), "w") as file:
            file.write(text)


def names(folder):
    return sorted(os.listdir(folder))


def text(path):
    with open(path) as file:
        return file.read()


def test_without_a_staged_manifest_nothing_is_touched():
    with scratch_folder() as folder:
        write(folder, a_mpy="old")
        assert not swap.finish(folder)
        os.mkdir(folder + "/next")
        write(folder + "/next", a_mpy="new", manifest_new="{}")
        assert not swap.finish(folder) and text(folder + "/a.mpy") == "old"
        for name in names(folder + "/next"):
            os.remove(folder + "/next/" + name)
        os.rmdir(folder + "/next")


def test_staged_files_replace_and_what_the_old_version_had_goes():
    with scratch_folder() as folder:
        write(folder, a_mpy="old", a_py="stray", gone_mpy="old", mine_txt="mine", boots="3")
        write(folder, manifest_json='{"a.mpy": {}, "gone.mpy": {}, "never.mpy": {}}')
        os.mkdir(folder + "/next")
        write(folder + "/next", a_mpy="new", manifest_json='{"a.mpy": {}, "b.mpy": {}}')
        assert swap.finish(folder)
        assert names(folder) == ["a.mpy", "manifest.json", "mine.txt"]
        assert text(folder + "/a.mpy") == "new"
        assert not swap.finish(folder)


def test_a_list_of_the_old_version_that_has_rotted_keeps_no_new_one_out():
    for rotten in ('{"gone.mpy": {', "", "7"):
        with scratch_folder() as folder:
            write(folder, a_mpy="old", gone_mpy="old", manifest_json=rotten)
            os.mkdir(folder + "/next")
            write(folder + "/next", a_mpy="new", manifest_json='{"a.mpy": {}}')
            assert swap.finish(folder)
            assert names(folder) == ["a.mpy", "gone.mpy", "manifest.json"]
            assert text(folder + "/a.mpy") == "new"


def test_folders_are_made():
    with scratch_folder() as folder:
        os.mkdir(folder + "/next")
        write(folder + "/next", manifest_json='{"x/y/z.mpy": {}}')
        with open(folder + "/next/x!y!z.mpy", "w") as file:
            file.write("deep")
        assert swap.finish(folder) and text(folder + "/x/y/z.mpy") == "deep"
        os.remove(folder + "/x/y/z.mpy")
        os.rmdir(folder + "/x/y")
        os.rmdir(folder + "/x")


def test_a_damaged_manifest_ends_in_an_error():
    with scratch_folder() as folder:
        os.mkdir(folder + "/next")
        write(folder + "/next", manifest_json="{")
        try:
            swap.finish(folder)
        except ValueError:
            pass
        else:
            raise AssertionError("it started on a mixture")
        os.remove(folder + "/next/manifest.json")
        os.rmdir(folder + "/next")


CODE = {"a.mpy": bytes(range(256)) * 9, "main.py": b"import a", "x/b.mpy": b"M"}


def write_code(folder):
    """Code and its code.crc; the latter's bytes."""
    listed = b""
    for name in sorted(CODE):
        if name[:2] == "x/":
            os.mkdir(folder + "/x")
        with open(folder + "/" + name, "wb") as file:
            file.write(CODE[name])
        listed += b"%08x %s\n" % (binascii.crc32(CODE[name]), name.encode())
    listed += b"%08x" % binascii.crc32(listed)
    rewrite(folder + "/code.crc", listed)
    return listed


def rewrite(path, data):
    with open(path, "wb") as file:
        file.write(data)


def remove_code(folder):
    for name in CODE:
        os.remove(folder + "/" + name)
    os.rmdir(folder + "/x")


def test_code_as_it_was_built_is_sound():
    with scratch_folder() as folder:
        write_code(folder)
        assert swap.altered(folder) == []
        remove_code(folder)


def test_any_bit_of_any_code_names_its_file():
    with scratch_folder() as folder:
        write_code(folder)
        for name, data in CODE.items():
            for at in {0, 5, len(data) // 2, 1023, 1024, len(data) - 1}:
                if at < len(data):
                    bad = bytearray(data)
                    bad[at] ^= 1 << at % 8
                    rewrite(folder + "/" + name, bad)
                    assert swap.altered(folder) == [name]
            for bad in (data[:-1], data + b"\0", b""):
                rewrite(folder + "/" + name, bad)
                assert swap.altered(folder) == [name]
            rewrite(folder + "/" + name, data)
        rewrite(folder + "/main.py", b"")
        os.remove(folder + "/a.mpy")
        assert swap.altered(folder) == ["a.mpy", "main.py"]
        rewrite(folder + "/a.mpy", b"")
        remove_code(folder)


def test_a_list_that_does_not_check_vouches_for_nothing():
    with scratch_folder() as folder:
        listed = write_code(folder)
        path = folder + "/code.crc"
        for bit in range(8 * len(listed)):
            bad = bytearray(listed)
            bad[bit // 8] ^= 1 << bit % 8
            rewrite(path, bad)
            assert swap.altered(folder) == ["code.crc"]
        for bad in [listed[:size] for size in range(len(listed))] + [listed + b"\n"]:
            rewrite(path, bad)
            assert swap.altered(folder) == ["code.crc"]
        os.remove(path)
        assert swap.altered(folder) == ["code.crc"]
        remove_code(folder)
