"""The process that owns a broker and ends it when standard input closes. Started by
lockerctl.broker, not by people.

Arguments: kind, path of Mosquitto. Standard output: one JSON line, {"port": n} or {"error": text}.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_START_S = 5.0
_END_S = 3.0
_TRIES = 3  # somebody else may take the free port before the broker does

_MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
set_tcp_nodelay true
log_type none
"""


def main() -> None:
    """Start the broker, report, wait for the end of standard input, stop it."""
    kind, mosquitto = sys.argv[1:3]
    if kind == "mosquitto":
        _guard_mosquitto(mosquitto)
    else:
        asyncio.run(_run_amqtt(_free_port()))


def _guard_mosquitto(path: str) -> None:
    with tempfile.TemporaryDirectory(prefix="latchwork-broker-") as folder:
        for _ in range(_TRIES):
            port = _free_port()
            broker = _start_mosquitto(path, Path(folder) / "mosquitto.conf", port)
            try:
                if _answers(port, broker):
                    _report({"port": port})
                    sys.stdin.read()
                    return
            finally:
                _end(broker)
    _report({"error": "Mosquitto does not answer"})


def _start_mosquitto(path: str, config: Path, port: int) -> "subprocess.Popen[bytes]":
    config.write_text(_MOSQUITTO.format(port=port))
    nowhere = subprocess.DEVNULL
    return subprocess.Popen([path, "-c", str(config)], stdin=nowhere, stdout=nowhere)


def _end(broker: "subprocess.Popen[bytes]") -> None:
    broker.terminate()
    try:
        broker.wait(_END_S)
    except subprocess.TimeoutExpired:
        broker.kill()
        broker.wait()


def _answers(port: int, broker: "subprocess.Popen[bytes]") -> bool:
    end = time.monotonic() + _START_S
    while broker.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
        except OSError:
            time.sleep(0.02)
        else:
            return broker.poll() is None
    return False


async def _run_amqtt(port: int) -> None:
    from amqtt.broker import Broker  # half a second of imports that Mosquitto does not need

    plugin = "amqtt.plugins.authentication.AnonymousAuthPlugin"
    listeners = {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}
    broker = Broker({"listeners": listeners, "plugins": {plugin: {"allow_anonymous": True}}})
    await broker.start()
    _report({"port": port})
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await broker.shutdown()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _report(fields: dict[str, object]) -> None:
    print(json.dumps(fields), flush=True)


if __name__ == "__main__":
    main()
