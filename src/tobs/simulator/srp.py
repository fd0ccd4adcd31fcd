"""The server's half of two-step verification: SRP 2048 as core.telegram.org/api/srp defines it."""

import functools
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from telethon.tl import types

from tobs.simulator.crypto import DH_GENERATOR, DH_PRIME, DH_PRIME_BYTES

_SALT1 = b"tobs-simulator-1"
_SALT2 = b"tobs-simulator-2"
_ITERATIONS = 100_000  # given by the algorithm's name


@dataclass(frozen=True, slots=True)
class Exchange:
    """One started check of a password; it is good for one answer."""

    srp_id: int
    secret: int  # the server's `b`
    public: bytes  # the server's `B`, 256 bytes


def algorithm() -> types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow:
    """The key derivation that clients are told to use; the group is the one every client knows to be safe."""
    return types.PasswordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow(
        salt1=_SALT1, salt2=_SALT2, g=DH_GENERATOR, p=DH_PRIME_BYTES
    )


def start_exchange(password: str) -> Exchange:
    """A fresh challenge for the password: k·v + g^b."""
    secret = secrets.randbits(2048)
    public = (_multiplier() * _verifier(password) + pow(DH_GENERATOR, secret, DH_PRIME)) % DH_PRIME
    return Exchange(secrets.randbits(62), secret, _padded(public))


def is_right(exchange: Exchange, password: str, client_public: bytes, proof: bytes) -> bool:
    """Whether the client's proof (M1) shows that it knows the password."""
    public = int.from_bytes(client_public, "big")
    if not 0 < public < DH_PRIME:
        return False
    client_bytes = _padded(public)
    scramble = int.from_bytes(_sha256(client_bytes, exchange.public), "big")
    shared = pow(public * pow(_verifier(password), scramble, DH_PRIME), exchange.secret, DH_PRIME)
    group = bytes(a ^ b for a, b in zip(_sha256(DH_PRIME_BYTES), _sha256(_padded(DH_GENERATOR)), strict=True))
    expected = _sha256(
        group, _sha256(_SALT1), _sha256(_SALT2), client_bytes, exchange.public, _sha256(_padded(shared))
    )
    return hmac.compare_digest(expected, proof)


def _sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def _padded(number: int) -> bytes:
    return number.to_bytes(256, "big")


def _multiplier() -> int:
    return int.from_bytes(_sha256(DH_PRIME_BYTES, _padded(DH_GENERATOR)), "big")


@functools.cache  # 100,000 rounds take about 70 ms, and the passwords of a world do not change
def _verifier(password: str) -> int:
    inner = _sha256(_SALT2, _sha256(_SALT1, password.encode(), _SALT1), _SALT2)
    stretched = hashlib.pbkdf2_hmac("sha512", inner, _SALT1, _ITERATIONS)
    return pow(DH_GENERATOR, int.from_bytes(_sha256(_SALT2, stretched, _SALT2), "big"), DH_PRIME)
