# mypy: ignore-errors
"""micropython bad_files.py ORDER.json: one file of a station's memory is made bad, and what three
starts in a row make of it. The real firmware on the real littlefs of power_cut.on_unix; only the
network is a stand-in, which keeps what the station tells the host.
"""

import json
import os
import sys

import life as lives
import vfs
from board import Parts
from flash import PAGE, Flash

from locker.app import boot_guard, online
from locker.core import clock, codes, records, seal, tickets
from locker.net import uplink
from locker.storage.journal import Journal

HERE = "/flash"
QUICK_MS, LEAP_MS = 20, 1_000
QUICK_UNTIL_MS = 8_000
USUAL_MS, LONG_MS = 65_000, 640_000  # a boot is forgiven after 60 s; stays are looked at after 600
FILL = 200  # records, so that two segments are full and the ring gives way
OCCUPIED = 2


class Off(BaseException):
    """The power is switched off."""


class Link:
    up = True

    def poll(self, now):
        return 0

    def rssi_dbm(self):
        return 0


class Session:
    """In the place of the MQTT session: every message is taken at once. told: by topic's end."""

    up = True

    def __init__(self, listener, told):
        self.listener, self.told = listener, told
        self.counters = {"connects": 1, "drops": 0}
        self.pid = 0
        self.taken = []

    def poll(self, now):
        while self.taken:
            self.listener.on_acked(self.taken.pop(0))

    def hang_up(self):
        pass

    def publish(self, topic, payload, qos, retain):
        self.told[topic.decode().rsplit("/", 1)[1]] = json.loads(payload)
        self.pid += 1
        self.taken.append(self.pid)
        return self.pid


class Start:
    """One time under power. told: what the host heard; fired: doors; end: how it ended."""

    def __init__(self, data, cabinet, cause, lasts_ms):
        self.told, self.fired, self.end = {}, [], "runs"
        self.station = None
        self.lasts_ms = lasts_ms
        self.parts = Parts(cabinet, self.fired.append)
        self.parts.reset_cause = lambda: cause
        uplink.make = lambda hal, config, topics, will, listener, since=None: (
            Link(),
            Session(listener, self.told),
        )
        from locker.app import compose  # a start drops it

        self.made = compose._make_station
        compose._make_station = self.keep
        compose.Journal = lambda folder, mac: Journal(folder, mac, 2)
        compose.drop = quietly
        mount(data)
        try:
            boot_guard.run(lambda board: self.parts, self.sleep, lambda character: None, [])
            self.end = "console"
        except Off:
            pass
        except SystemExit:
            self.end = "reset"
        compose._make_station = self.made
        if self.parts.restarted:
            self.end = "restarted"

    def keep(self, *parts):
        self.station = self.made(*parts)
        return self.station

    def sleep(self, ms):
        self.parts.pass_time(QUICK_MS if self.parts.now < QUICK_UNTIL_MS else LEAP_MS)
        if self.parts.now == QUICK_UNTIL_MS and self.station:
            for key in wrong_entry() + "#":
                self.station.session.key(key, self.parts.now)
        if self.parts.now > self.lasts_ms:
            raise Off

    def answer(self):
        """What can be seen of it."""
        beat, state = self.told.get("hb", {}), self.told.get("state", {})
        vault = self.station.vault if self.station and self.end == "runs" else None
        found = {
            "end": self.end if vault or self.end != "runs" else "locked",
            "fired": self.fired,
            "health": beat.get("e", []),
            "named": beat.get("cells", []) + beat.get("why", []),
            "state": state.get("e", 0),
            "boot": vault.counters.boot if vault else 0,
            "journal": faults_told(),
            "head": state.get("q", 0),
            "kept": (content("refused") or b"").decode(),
        }
        if vault:
            found["occupancy"] = [c.occupancy for c in vault.compartments]
            found["lost"] = vault.lost
            found["level"] = vault.lockout.level
        return found


def quietly(package, *names):
    """In the place of boot_guard.drop: quicker, and no flash in it."""


def mount(data):
    vfs.mount(vfs.VfsLfs2(Flash(data, lambda: ""), readsize=256, progsize=PAGE), HERE)
    os.chdir(HERE)


def unmount():
    os.chdir("/")
    vfs.umount(HERE)


def wrong_entry():
    return codes.entry(OCCUPIED, 31_415_926, False)


def faults_told():
    """[fault, door, name] of each fault record, and [0, from, to] of each that tells a gap."""
    found = []
    for name in sorted(os.listdir("journal")) if "journal" in os.listdir() else ():
        if name[-4:] == ".log":
            data = content("journal/" + name)
            for at in range(0, len(data), records.RECORD_BYTES):
                record = records.unpack_record(data[at : at + records.RECORD_BYTES])
                if record and record.kind == records.FAULT:
                    note = record.note.rstrip(b"\0").decode()
                    found.append([record.fault, record.door, note])
                elif record and record.kind == records.LOST:
                    found.append([0, record.tenancy, record.value])
    return found


def content(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def used(folder):
    """(flash, cabinet) of a station that has worked for a while, with every file there is."""
    data = lives.new_flash(folder)
    cabinet = lives.new_cabinet(4, (OCCUPIED,))
    start = Start(data, cabinet, "power", LONG_MS)
    station = start.station
    for _ in range(FILL):
        fields = (station.boot, records.DOOR, 1, 0, 0, 0, 0, 0, 0, 0, 0, b"")
        station.book.journal.note(fields)
        station.book.commit()
    for _ in "ab":
        station.vault.cells.save(clock.CELL, station.clock.pack())
        station.vault.cells.save(tickets.CELL, tickets.Tickets(b"").pack())
        station.vault.cells.save_ages()
    unmount()
    Start(data, cabinet, "power", LONG_MS)  # tells what gave way, and writes both copies
    unmount()
    return data, cabinet


def paths(name):
    """The files that a row of the table means."""
    folder, _, stem = name.rpartition("/")
    if folder == "journal" and stem in ("last", "kept"):
        suffix = ".log" if stem == "last" else ".kep"
        found = sorted([n for n in os.listdir(folder) if n[-4:] == suffix])
        return [folder + "/" + found[-1]]
    if folder and not stem:
        return [folder + "/" + n for n in os.listdir(folder)]
    both = (name + ".a", name + ".b") if folder else (name,)
    return [path for path in both if content(path) is not None]


def future(name, old):
    """As a later firmware might have written it."""
    if old[:1] == b"{":
        config = json.loads(old)
        config.pop("crc")
        config["schema"] = 99
        body = json.dumps(config)[:-1].encode()
        return body + seal.tail(body)
    if old[:2] == records.CELL_MAGIC:
        owner = int.from_bytes(old[8:12], "big")
        return records.pack_cell(old[2], 99, 1 << 20, owner, b"of a later layout")
    return b"J9" + old[:62] + b"\x5a" * 128


DAMAGE = {
    "corrupted": lambda name, old, other: (
        old[: len(old) // 2] + bytes([old[len(old) // 2] ^ 0x10]) + old[len(old) // 2 + 1 :]
    ),
    "truncated": lambda name, old, other: old[: len(old) // 2 + 1],
    "empty": lambda name, old, other: b"",
    "foreign": lambda name, old, other: other,
    "future": lambda name, old, other: future(name, old),
    "missing": lambda name, old, other: None,
}


def harm(name, damage, others):
    """Make it bad; {path: bytes that lie there now}."""
    left = {}
    for path in paths(name):
        new = DAMAGE[damage](path, content(path), others.get(path))
        os.remove(path)
        if new is not None:
            with open(path, "wb") as file:
                file.write(new)
        left[path] = new
    return left


def play(name, damage, image, cabinet, others):
    data = bytearray(image)
    mount(data)
    left = harm(name, damage, others)
    unmount()
    lasts_ms = LONG_MS if name == "cells/stays" else USUAL_MS
    starts = []
    for cause in ("power", "watchdog", "watchdog"):
        start = Start(data, cabinet.copy(), cause, lasts_ms)
        starts.append(start.answer())
        same = [content(path) == new for path, new in left.items()]
        unmount()
    return {"starts": starts, "as_found": all(same)}


def main():
    with open(sys.argv[1]) as file:
        order = json.load(file)
    boot_guard.drop = online.drop = quietly
    others = {}
    foreign, _ = used(order["foreign"])
    mount(foreign)
    for name in order["files"]:
        for path in paths(name):
            others[path] = content(path)
    unmount()
    others["board.json"] = others["station.json"]
    data, cabinet = used(order["station"])
    answer = [play(name, damage, bytes(data), cabinet, others) for name, damage in order["cases"]]
    with open(order["out"], "w") as file:
        json.dump(answer, file)


main()
