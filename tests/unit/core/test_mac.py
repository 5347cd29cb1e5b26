"""HMAC against published vectors; the real Pico W image runs this file too."""

import gc
from hashlib import sha1, sha256

from locker.core.mac import Mac, equal

# RFC 2202 (SHA-1) and RFC 4231 (SHA-256), test cases 1, 2, 3, 6 and 7 (keys longer than a block).
_LONG = b"Test Using Larger Than Block-Size Key - Hash Key First"
VECTORS = (
    (sha1, b"\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
    (sha1, b"Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    (sha1, b"\xaa" * 20, b"\xdd" * 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    (sha1, b"\xaa" * 80, _LONG, "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
    (
        sha1,
        b"\xaa" * 80,
        b"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data",
        "e8e99d0f45237d786d6bbaa7965c7808bbff1a91",
    ),
    (
        sha256,
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        sha256,
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        sha256,
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        sha256,
        b"\xaa" * 131,
        _LONG,
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        sha256,
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. "
        b"The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)

# One HKDF-SHA256 expansion (RFC 5869 section 2.3): key, info with its block number, start and end.
HKDF_KEY = b"\x11" * 32
HKDF_INFO = b"plk1|L0042|07|P123456789|1760000000|1760604800\x01"


def test_published_vectors():
    for hashing, key, message, digest in VECTORS:
        assert Mac(key, hashing).digest(message) == bytes.fromhex(digest)


def test_sha256_is_the_usual_hash():
    assert Mac(b"Jefe").digest(b"x") == Mac(b"Jefe", sha256).digest(b"x")


def test_an_hkdf_expansion():
    digest = Mac(HKDF_KEY).digest(HKDF_INFO)
    assert digest[:4] == bytes.fromhex("a042778f") and digest[-3:] == bytes.fromhex("c5bcb1")


def test_the_pads_serve_again_and_again():
    mac = Mac(b"\x0b" * 20)
    first = mac.digest(b"Hi There")
    mac.digest(b"something else")
    assert mac.digest(b"Hi There") == first


def test_equal_compares_whole_strings():
    assert equal(b"abc", b"abc")
    assert not equal(b"abc", b"abd")
    assert not equal(b"abc", b"ab")


def test_a_key_and_a_digest_take_little_memory():
    if not hasattr(gc, "mem_alloc"):
        return  # CPython does not count
    key = bytes(range(32))
    mac = Mac(key)
    message = b"m" * 20
    # 64-bit figures, about twice a board's; the pads of a new key are three numbers on the way.
    for work, limit, lasting in (
        (lambda: Mac(key), 768, 384),
        (lambda: mac.digest(message), 640, 96),
    ):
        work()
        gc.collect()
        before = gc.mem_alloc()
        kept = work()
        assert gc.mem_alloc() - before <= limit, (gc.mem_alloc() - before, kept)
        gc.collect()
        assert gc.mem_alloc() - before <= lasting, (gc.mem_alloc() - before, kept)
