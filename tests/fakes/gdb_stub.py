"""A small gdbstub over a socket pair that answers as QEMU does: one CPU, loads and stores."""

import socket
import threading

REGISTERS = 105
PC, AR0, LBEG, LEND, LCOUNT, WINDOWBASE = 0, 1, 65, 66, 67, 69


class Stub:
    """stops: the registers at each stop, in turn; memory: words by address, code by address.

    done: the registers that were set at each stop. said: every packet.
    """

    def __init__(self, stops, words=None, code=None):
        self.stops = list(stops)
        self.words = dict(words or {})
        self.code = dict(code or {})
        self.done = []
        self.said = []
        ours, self.theirs = socket.socketpair()
        threading.Thread(target=self._serve, args=(ours,), daemon=True).start()

    def _serve(self, sock):
        got = b""
        while piece := sock.recv(4096):
            got += piece
            while (end := got.find(b"#")) >= 0 and len(got) >= end + 3:
                packet, got = got[:end].lstrip(b"+$").decode(), got[end + 3 :]
                self.said.append(packet)
                answer = self._answer(packet)
                text = "+" if answer is None else f"+${answer}#00"
                sock.sendall(text.encode())

    def _answer(self, packet):
        kind = packet[0]
        if kind == "c":
            return "T05thread:01;watch:0;" if self.stops else None
        if kind == "g":
            return _hex(self.stops[0])
        if kind == "G":
            self.stops.pop(0)
            self.done.append(_words(packet[1:]))
        elif kind == "m":
            address, length = (int(part, 16) for part in packet[1:].split(","))
            if address in self.code:
                return self.code[address].hex()
            return _hex([self.words.get(address + at, 0) for at in range(0, length, 4)])
        elif kind == "M":
            where, value = packet[1:].split(":")
            self.words[int(where.split(",")[0], 16)] = _words(value)[0]
        elif kind not in "QZ":
            return ""
        return "OK"


def registers(pc, values=None, windowbase=0, loop=(0, 0, 0)):
    """As "g" lists them. values: of a0 to a15 by number."""
    found = [0] * REGISTERS
    found[PC], found[WINDOWBASE] = pc, windowbase
    found[LBEG], found[LEND], found[LCOUNT] = loop
    for number, value in (values or {}).items():
        found[AR0 + (windowbase * 4 + number) % 64] = value
    return found


def _hex(words):
    return "".join(word.to_bytes(4, "little").hex() for word in words)


def _words(text):
    data = bytes.fromhex(text)
    return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data), 4)]
