"""Our one-time codes against two other programs, oathtool and PyOTP, in both directions."""

import base64
import random
import subprocess
from dataclasses import dataclass
from hashlib import sha1, sha256

import pyotp
import pytest

from locker.core import access, clock, otp, people
from locker.core.mac import Mac

CASES = 500
HASHES = {"sha1": sha1, "sha256": sha256}
LATEST_S = 4_102_444_800  # 2100


@dataclass(frozen=True)
class Case:
    """secret: 14 bytes (PyOTP takes no less) to 80: keys beyond a block are among them."""

    secret: bytes
    algorithm: str
    digits: int
    unix_s: int

    @property
    def ours(self) -> str:
        mac = Mac(self.secret, HASHES[self.algorithm])
        return f"{otp.code(mac, otp.step_at(self.unix_s), self.digits):0{self.digits}d}"


def cases() -> list[Case]:
    draw = random.Random(4226)
    kinds = [(algorithm, digits) for algorithm in HASHES for digits in (6, 8)]
    return [
        Case(
            draw.randbytes(draw.randint(14, 80)),
            *kinds[number % len(kinds)],
            draw.randrange(LATEST_S),
        )
        for number in range(CASES)
    ]


class Oathtool:
    """The OATH Toolkit's program. It takes a code by its exit code, or prints its own."""

    def code(self, case: Case) -> str:
        return self._run(case).stdout.strip()

    def accepts(self, case: Case, code: str) -> bool:
        return self._run(case, code).returncode == 0

    def _run(self, case: Case, *code: str) -> subprocess.CompletedProcess[str]:
        command = [
            "oathtool",
            f"--totp={case.algorithm}",
            f"--digits={case.digits}",
            f"--now=@{case.unix_s}",
            case.secret.hex(),
            *code,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or code, done.stderr
        return done


class PyOtp:
    def code(self, case: Case) -> str:
        return self._totp(case).at(case.unix_s)

    def accepts(self, case: Case, code: str) -> bool:
        return self._totp(case).verify(code, for_time=case.unix_s)

    def _totp(self, case: Case) -> pyotp.TOTP:
        secret = base64.b32encode(case.secret).decode()
        return pyotp.TOTP(secret, digits=case.digits, digest=HASHES[case.algorithm])


def beside(code: str) -> str:
    """Another code of the same length."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


@pytest.mark.parametrize("theirs", [Oathtool(), PyOtp()], ids=["oathtool", "pyotp"])
def test_both_accept_each_other(theirs: Oathtool | PyOtp) -> None:
    for case in cases():
        assert theirs.code(case) == case.ours, case
        assert theirs.accepts(case, case.ours), case
        assert not theirs.accepts(case, beside(case.ours)), case


def test_a_persons_codes_are_of_these() -> None:
    """Steps since 2020, eight digits, SHA-1."""
    alike = [c for c in cases() if (c.algorithm, c.digits) == ("sha1", 8)]
    told = [c for c in alike if c.unix_s >= clock.EPOCH]
    assert len(told) > CASES // 10
    for case in told:
        mac = Mac(case.secret, sha1)
        step = (case.unix_s - clock.EPOCH) // otp.PERIOD_S
        assert f"{people.rotating_code(mac, step):08d}" == case.ours, case


def test_what_oathtool_shows_is_found_by_ours_in_its_step_only() -> None:
    rng = random.Random(4226)
    key = rng.randbytes(people.KEY_BYTES)
    first_s = clock.EPOCH + rng.randrange(1 << 29) // 30 * 30
    words = ["oathtool", "--totp=sha1", "-d8", f"--now=@{first_s}", f"-w{CASES - 1}", key.hex()]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    step = (first_s - clock.EPOCH) // 30
    assert len(told) == CASES
    for number, code in enumerate(told):
        entry = access.parse("901" + code, 8)[1]
        assert entry is not None
        near = range(step + number - 5, step + number + 5)
        assert people.matching_step(key, entry, near) == step + number
