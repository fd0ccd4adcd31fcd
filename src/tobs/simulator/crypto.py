"""The cryptography of MTProto 2.0 as the server sees it.

Sources: core.telegram.org/mtproto/auth_key (RSA, Diffie-Hellman) and core.telegram.org/mtproto/description (message
keys). The RSA key pair below is published on purpose: the simulator listens on loopback, and a client trusts the key
only when it was told to. It protects nothing.
"""

import hashlib
import os
import struct

from telethon.crypto import AES

from tobs.simulator.raw import encode_bytes

PUBLIC_KEY_PEM = """\
-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAlYCAQZsDbwVi0+MyJPZ1LLgizcnXSns25J7i8jxXyIOeWBjzCuM8
HjsNPDIKb5eOezvFl2IbSHpLKbgE+IRZpSGZFcraSJ5xfMYJ76nseLxkkdqx5qi0
O3NpYfQ6MldiZjTuhYfPbSYrdr8RasEDuMcD8gMdWzNSQU4xeJ/cod1wUpuNyeNP
+D2IHzNSgzVlrcgjXdEEuCzUX89D0SnZAQ9DtDVWwUrzoOgduuxQiN5/OTzq03+t
11WkbOXzd0s9eZGb+IQ1guP/x/isv/OFM9xzrUe+rAwIoP5z6eJvT6xg3g3jxQcw
q48bWRliueQoRGwlMReBy+t8ntmaH7JP0QIDAQAB
-----END RSA PUBLIC KEY-----
"""
_PRIME_1 = int(
    "abea857399b90e3ccd3fc98434ad9e00f5daf184b27c03d7449ba82c7a14cfee7786f722337a4cf1d73050442995bead"
    "5651970afa68112c693ef56e6c50b3787cf4253d6762fda240d322a25108cbb8833fbef77aff18280040d37de5ed5b45"
    "f28d9dfe3d6bb3ecd5e9ddc615a032e934aba697ab1435887b220f66a51ddbc65054f4809e9c0431",
    16,
)
_PRIME_2 = int(
    "de9f85d2e719ce92b24ce2df4cfd9ad058c1e1085f52fa2a0ccfedd8887f2bbccf1db783ebccf93d095162d883ed0523"
    "120eb41d0600f795074fa64c294a4d1a07e35afdcef28df9577d6601fff42d9d19a804cfcceb4b3b0eef625faef922bb"
    "c7166ef8cb9a9afcb182c4a3023bfeaeebc0f106dad43da1",
    16,
)
_EXPONENT = 65537
_MODULUS = _PRIME_1 * _PRIME_2
_PRIVATE_1 = pow(_EXPONENT, -1, _PRIME_1 - 1)
_PRIVATE_2 = pow(_EXPONENT, -1, _PRIME_2 - 1)
_INVERSE_2 = pow(_PRIME_2, -1, _PRIME_1)

DH_GENERATOR = 3
DH_PRIME_BYTES = bytes.fromhex(
    "c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4db"
    "fa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64"
    "2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b41"
    "0dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4"
    "e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf"
    "6f4fadf034b10403119cd8e3b92fcc5b"
)
"""Telegram's own safe prime: clients know it by heart and skip the proof that would take them seconds."""
DH_PRIME = int.from_bytes(DH_PRIME_BYTES, "big")


def sha1(data: bytes) -> bytes:
    """SHA-1 where the protocol names it: as a fingerprint."""
    return hashlib.sha1(data, usedforsecurity=False).digest()


def _tl_bytes(number: int) -> bytes:
    return encode_bytes(number.to_bytes((number.bit_length() + 7) // 8, "big"))


FINGERPRINT: int = struct.unpack("<q", sha1(_tl_bytes(_MODULUS) + _tl_bytes(_EXPONENT))[-8:])[0]
"""The signed 64-bit name of PUBLIC_KEY_PEM in resPQ."""


def decrypt_rsa(encrypted: bytes) -> bytes | None:
    """The padded inner data of req_DH_params, or None when it was not made for this key.

    Two paddings are understood: RSA_PAD of today and the SHA-1 one before it, which Telethon 1.45 still sends. The
    data is followed by its random padding; the caller reads as far as the TL object in it goes.
    """
    number = int.from_bytes(encrypted, "big")
    if len(encrypted) != 256 or number >= _MODULUS:
        return None
    plain = _private_power(number).to_bytes(256, "big")
    return _read_sha1_padding(plain) or _read_rsa_pad(plain)


def _private_power(number: int) -> int:
    """RSA with the private key by the Chinese remainder theorem: a quarter of the plain power's time."""
    power_1 = pow(number, _PRIVATE_1, _PRIME_1)
    power_2 = pow(number, _PRIVATE_2, _PRIME_2)
    return power_2 + _PRIME_2 * ((power_1 - power_2) * _INVERSE_2 % _PRIME_1)


def _read_sha1_padding(plain: bytes) -> bytes | None:
    """Undo 0 · SHA1(data) · data · random; the hash fits one length only, that of the data without its padding."""
    if plain[0] != 0:
        return None
    expected, data = plain[1:21], plain[21:]
    running = hashlib.sha1(usedforsecurity=False)
    for start in range(0, len(data), 4):
        running.update(data[start : start + 4])
        if running.digest() == expected:
            return data
    return None


def _read_rsa_pad(plain: bytes) -> bytes | None:
    """Undo (key xor SHA256(aes)) · aes, where aes holds the reversed data and SHA256(key · data)."""
    masked_key, encrypted = plain[:32], plain[32:]
    key = bytes(a ^ b for a, b in zip(masked_key, hashlib.sha256(encrypted).digest(), strict=True))
    opened: bytes = AES.decrypt_ige(encrypted, key, bytes(32))
    data = opened[:192][::-1]
    return data if hashlib.sha256(key + data).digest() == opened[192:] else None


class MessageCipher:
    """Message encryption of MTProto 2.0 under one authorisation key of 256 bytes."""

    __slots__ = ("_from_client", "_secret", "_to_client", "key_id")

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._from_client = hashlib.sha256(secret[88:120])
        self._to_client = hashlib.sha256(secret[96:128])
        self.key_id = sha1(secret)[-8:]

    def seal(self, *pieces: bytes) -> bytes:
        """The packet that brings the pieces to the client: key id, message key, padded and encrypted data."""
        length = sum(map(len, pieces))
        padded = b"".join((*pieces, os.urandom(12 + (-length - 12) % 16)))
        digest = self._to_client.copy()
        digest.update(padded)
        message_key = digest.digest()[8:24]
        sealed: bytes = AES.encrypt_ige(padded, *self._derive(message_key, 8))
        return self.key_id + message_key + sealed

    def open(self, packet: bytes) -> bytes | None:
        """The data of a packet from the client with its padding, or None if it was not made with this key."""
        message_key, encrypted = packet[8:24], packet[24:]
        if not encrypted or len(encrypted) % 16:
            return None
        padded: bytes = AES.decrypt_ige(encrypted, *self._derive(message_key, 0))
        digest = self._from_client.copy()
        digest.update(padded)
        return padded if digest.digest()[8:24] == message_key else None

    def _derive(self, message_key: bytes, x: int) -> tuple[bytes, bytes]:
        """AES key and IV; x is 0 for messages of the client and 8 for those of the server."""
        secret = self._secret
        a = hashlib.sha256(message_key + secret[x : x + 36]).digest()
        b = hashlib.sha256(secret[x + 40 : x + 76] + message_key).digest()
        return a[:8] + b[8:24] + a[24:], b[:8] + a[8:24] + b[24:]
