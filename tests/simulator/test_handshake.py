"""The key exchange, step by step, from the client's side."""

import hashlib
import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from telethon.crypto import AES, AuthKey, rsa
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.tl import functions, types

from tobs.simulator.crypto import (
    DH_PRIME,
    FINGERPRINT,
    PUBLIC_KEY_PEM,
    MessageCipher,
    decrypt_rsa,
    sha1,
)
from tobs.simulator.handshake import Handshake, HandshakeError

rsa.add_key(PUBLIC_KEY_PEM, old=False)
KEY = rsa._server_keys[FINGERPRINT][0]
NONCE = 12345
NEW_NONCE = int.from_bytes(b"new nonce of 32 bytes, for tests", "little")


def raw_rsa(block: bytes) -> bytes:
    number: int = pow(int.from_bytes(block, "big"), KEY.e, KEY.n)
    return number.to_bytes(256, "big")


def with_sha1(data: bytes) -> bytes:
    return raw_rsa(sha1(data) + data + os.urandom(235 - len(data)))


def with_rsa_pad(data: bytes) -> bytes:
    padded = data + os.urandom(192 - len(data))
    while True:
        key = os.urandom(32)
        encrypted = AES.encrypt_ige(padded[::-1] + hashlib.sha256(key + padded).digest(), key, bytes(32))
        masked = bytes(a ^ b for a, b in zip(key, hashlib.sha256(encrypted).digest(), strict=True))
        if int.from_bytes(masked + encrypted, "big") < KEY.n:
            return raw_rsa(masked + encrypted)


def read(data: bytes) -> Any:
    return BinaryReader(data).tgread_object()


class Client:
    """Walks through the exchange; each step can be spoiled by the test."""

    def __init__(self, keep: Callable[[bytes, int], bool] | None = None) -> None:
        self.kept: list[tuple[bytes, int]] = []
        self.server = Handshake(keep or self._keep)

    def _keep(self, secret: bytes, salt: int) -> bool:
        self.kept.append((secret, salt))
        return True

    def ask(self, request: Any) -> Any:
        return read(self.server.answer(bytes(request)))

    def begin(self) -> Any:
        self.offer = self.ask(functions.ReqPqMultiRequest(NONCE))
        return self.offer

    def inner_data(self, p: int = 10_007, q: int = 50_000_017) -> bytes:
        offer = self.offer
        p_bytes, q_bytes = rsa.get_byte_array(p), rsa.get_byte_array(q)
        return bytes(types.PQInnerDataDc(offer.pq, p_bytes, q_bytes, NONCE, offer.server_nonce, NEW_NONCE, 2))

    def ask_params(self, encrypted: bytes, **spoiled: Any) -> Any:
        fields = {"server_nonce": self.offer.server_nonce, "public_key_fingerprint": FINGERPRINT, **spoiled}
        return self.ask(
            functions.ReqDHParamsRequest(nonce=NONCE, p=b"", q=b"", encrypted_data=encrypted, **fields)
        )

    def finish(self, public: int, *, hashed: bool = True) -> Any:
        inner = bytes(types.ClientDHInnerData(NONCE, self.offer.server_nonce, 0, public.to_bytes(256, "big")))
        plain = (sha1(inner) if hashed else bytes(20)) + inner
        key, iv = generate_key_data_from_nonce(self.offer.server_nonce, NEW_NONCE)
        encrypted = AES.encrypt_ige(plain, key, iv)
        return self.ask(functions.SetClientDHParamsRequest(NONCE, self.offer.server_nonce, encrypted))

    def server_params(self, answer: types.ServerDHParamsOk) -> Any:
        key, iv = generate_key_data_from_nonce(self.offer.server_nonce, NEW_NONCE)
        return read(AES.decrypt_ige(answer.encrypted_answer, key, iv)[20:])


def test_the_published_key_is_the_one_that_decrypts() -> None:
    assert decrypt_rsa(with_sha1(b"data" * 20)) is not None
    assert KEY.n.bit_length() == 2048


@pytest.mark.parametrize("encrypt", [with_sha1, with_rsa_pad])
def test_a_key_is_agreed_upon_with_both_paddings(encrypt: Callable[[bytes], bytes]) -> None:
    client = Client()
    client.begin()
    params = client.server_params(client.ask_params(encrypt(client.inner_data())))
    assert abs(params.server_time - time.time()) < 60
    exponent = int.from_bytes(os.urandom(256), "big")
    done = client.finish(pow(params.g, exponent, DH_PRIME))
    secret = pow(int.from_bytes(params.g_a, "big"), exponent, DH_PRIME).to_bytes(256, "big")
    if isinstance(done, types.DhGenRetry):  # one key in 256 begins with a zero byte
        assert secret[0] == 0
        return
    assert client.kept[0][0] == secret
    assert done.new_nonce_hash1 == AuthKey(secret).calc_new_nonce_hash(NEW_NONCE, 1)


def test_a_key_whose_id_is_taken_is_made_again() -> None:
    client = Client(keep=lambda _secret, _salt: False)
    client.begin()
    client.ask_params(with_sha1(client.inner_data()))
    assert isinstance(client.finish(pow(3, 1 << 2000, DH_PRIME)), types.DhGenRetry)


@pytest.mark.parametrize("public", [0, 1, DH_PRIME - 1, 1 << 1984 - 1])
def test_a_public_value_that_gives_the_secret_away_is_refused(public: int) -> None:
    client = Client()
    client.begin()
    client.ask_params(with_sha1(client.inner_data()))
    assert isinstance(client.finish(public), types.DhGenFail)
    assert not client.kept


def test_wrong_factors_are_refused_with_a_proof() -> None:
    client = Client()
    client.begin()
    failed = client.ask_params(with_sha1(client.inner_data(p=3, q=5)))
    assert isinstance(failed, types.ServerDHParamsFail)
    expected = sha1(NEW_NONCE.to_bytes(32, "little", signed=True))[4:]
    assert failed.new_nonce_hash == int.from_bytes(expected, "little", signed=True)


def test_steps_that_do_not_belong_together_end_the_exchange() -> None:
    client = Client()
    with pytest.raises(HandshakeError):
        client.ask(functions.SetClientDHParamsRequest(0, 0, bytes(16)))
    client.begin()
    good = with_sha1(client.inner_data())
    for encrypted, spoiled in (
        (good, {"server_nonce": 1}),
        (good, {"public_key_fingerprint": 1}),
        (good[::-1], {}),
        (good[1:], {}),
        (with_sha1(b"nothing "), {}),
        (with_sha1(bytes(types.Pong(1, 2))), {}),
    ):
        with pytest.raises(HandshakeError):
            client.ask_params(encrypted, **spoiled)
    with pytest.raises(HandshakeError):
        client.ask(functions.SetClientDHParamsRequest(NONCE, client.offer.server_nonce, bytes(16)))
    client.ask_params(good)
    with pytest.raises(HandshakeError):
        client.finish(pow(3, 1 << 2000, DH_PRIME), hashed=False)


def test_a_message_that_was_tampered_with_does_not_open() -> None:
    secret = os.urandom(256)
    cipher = MessageCipher(secret)
    assert cipher.open(cipher.seal(b"a message to the client")) is None  # the other direction has another key
    assert cipher.open(cipher.key_id + bytes(16)) is None
    assert cipher.open(cipher.key_id + bytes(16 + 15)) is None
    assert cipher.open(cipher.key_id + bytes(16 + 48)) is None
