"""The command line as a whole: help, explain, doctor, ports, exit codes."""

import json
import re
import subprocess
import sys
import types

import pytest
from lockerctl_parts import REPO, demo_station, run, run_json

from locker.core import catalogue
from lockerctl import checkup, ports
from lockerctl.errors import MEANING, Exit
from lockerctl.store import Store

README = REPO / "host_tools" / "lockerctl" / "README.md"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LATCHWORK_HOME", str(tmp_path))
    return tmp_path


def test_help_names_every_command_without_loading_them():
    program = (
        "import sys; from lockerctl.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in ('paho', 'segno', 'sqlite3', 'serial') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout
    for word in ("code", "station", "explain", "doctor", "ports", "virtual", "demo"):
        assert re.search(rf"\b{word}\b", shown)
    assert shown.splitlines()[-1] == "[]"


@pytest.mark.parametrize("text", ["E29", "e29", "29", "conflict", "CONFLICT", " E029 "])
def test_explain_takes_any_spelling(text):
    found = run_json("explain", text)["faults"]
    assert [row["name"] for row in found] == ["conflict"]


def test_explain_alone_lists_all():
    assert len(run_json("explain")["faults"]) == len(catalogue.BY_NUMBER)
    assert "wrong_code" in run("explain").stdout


@pytest.mark.parametrize("text", ["E9", "nonsense", "E", "1e1"])
def test_explain_of_nothing_is_not_found(text):
    result = run("explain", text)
    assert result.exit_code == Exit.NOT_FOUND
    assert "hint:" in result.stderr


def test_doctor_is_content_here():
    result = run("doctor", "--json")
    rows = json.loads(result.stdout)["checks"]
    assert result.exit_code == 0, rows
    assert {row["verdict"] for row in rows} <= {checkup.OK, checkup.WARN}


def test_doctor_finds_a_readable_store_and_a_silent_broker():
    store = Store()
    store.create(demo_station())
    store.path("demo").chmod(0o644)
    result = run("doctor", "--station", "demo", "--json")
    assert result.exit_code == Exit.UNFIT
    failed = {
        row["what"]: row for row in json.loads(result.stdout)["checks"] if row["verdict"] == "fail"
    }
    assert set(failed) == {"store", "broker of demo"}
    assert "chmod" in failed["store"]["hint"]


def test_doctor_finds_a_damaged_station():
    store = Store()
    store.create(demo_station())
    store.path("demo").write_text("{}")
    assert run("doctor").exit_code == Exit.UNFIT


def test_doctor_without_brokers_and_packages(monkeypatch):
    monkeypatch.setattr("lockerctl.broker.available", list)
    monkeypatch.setattr(checkup, "find_spec", lambda name: None if name == "paho" else object())
    failed = [row for row in checkup.run() if row.verdict == checkup.FAIL]
    assert {row.what for row in failed} >= {"packages", "MQTT broker"}
    assert all(row.hint for row in failed)


def test_ports_are_guessed_by_their_usb_numbers(monkeypatch):
    def port(device, vid, pid):
        return types.SimpleNamespace(
            device=device, vid=vid, pid=pid, serial_number="e66", description="x"
        )

    found = [port("/dev/ttyACM1", 0x2E8A, 0x0005), port("/dev/ttyS0", None, None)]
    found += [port("/dev/ttyUSB0", 0x10C4, 0xEA60), port("/dev/ttyUSB1", 0xDEAD, 0xBEEF)]
    monkeypatch.setattr(ports.list_ports, "comports", lambda: found)
    guesses = {row["device"]: row["guess"].split(" ")[0] for row in run_json("ports")["ports"]}
    assert guesses == {"/dev/ttyACM1": "pico_w", "/dev/ttyUSB0": "esp32", "/dev/ttyUSB1": ""}


def test_the_readme_s_exit_codes_are_those_of_the_program():
    rows = re.findall(r"^\| (\d) \| (.+?) \|$", README.read_text(), re.MULTILINE)
    assert rows == [(str(int(code)), MEANING[code]) for code in Exit]


def test_an_unknown_station_is_not_found():
    result = run("station", "watch", "-s", "nobody")
    assert result.exit_code == Exit.NOT_FOUND
    assert "known: none yet" in result.stderr
