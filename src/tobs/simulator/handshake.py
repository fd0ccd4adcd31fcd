"""How a client and the server agree on an authorisation key (core.telegram.org/mtproto/auth_key).

The whole exchange travels unencrypted over one connection. Each step is checked as the documentation asks; a step that
cannot be right ends in HandshakeError, upon which the connection answers the transport error -404 as Telegram does.
"""

import secrets
import struct
import time
from collections.abc import Callable
from typing import Any

from telethon.crypto import AES
from telethon.errors import TypeNotFoundError
from telethon.extensions import BinaryReader
from telethon.helpers import generate_key_data_from_nonce
from telethon.tl import functions, types

from tobs.simulator.crypto import DH_GENERATOR, DH_PRIME, DH_PRIME_BYTES, FINGERPRINT, decrypt_rsa, sha1

# Two small primes keep the client busy for a tenth of a millisecond. They are far apart because Telethon's search gives
# up on one in a hundred products of two like ones; the top bit of the product is clear because Telethon reads it as a
# signed number.
_P, _Q = 10_007, 50_000_017
_SAFETY = 1 << (2048 - 64)  # g_a and g_b must stay this far from both ends of the group
_EXPONENT_BITS = 256  # enough for a 2048 bit group (RFC 7919, 5.2), and eight times faster than a full one
_INNER_DATA = (types.PQInnerData, types.PQInnerDataDc, types.PQInnerDataTemp, types.PQInnerDataTempDc)


class HandshakeError(Exception):
    """The client's step cannot be right; the exchange is over."""


def _big_endian(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _signed(data: bytes) -> int:
    return int.from_bytes(data, "little", signed=True)


def _read(data: bytes) -> tuple[Any, int]:
    """A TL object at the start of data and the number of bytes it takes."""
    try:
        reader = BinaryReader(data)
        return reader.tgread_object(), reader.tell_position()
    except (TypeNotFoundError, BufferError, struct.error, RuntimeError, ValueError) as error:
        raise HandshakeError("not a TL object") from error


class Handshake:
    """The server's side of one exchange; `keep` is told the key and its first salt when it is made.

    `keep(secret, salt)` returns whether the key may be used (False: its id is taken).
    """

    def __init__(self, keep: Callable[[bytes, int], bool]) -> None:
        self._keep = keep
        self._nonce = 0
        self._server_nonce = 0
        self._new_nonce = 0
        self._exponent = 0  # not 0 once the inner data was right
        self._steps: dict[type, Callable[[Any], Any]] = {
            functions.ReqPqRequest: self._offer_pq,
            functions.ReqPqMultiRequest: self._offer_pq,
            functions.ReqDHParamsRequest: self._offer_params,
            functions.SetClientDHParamsRequest: self._finish,
        }

    def answer(self, body: bytes) -> bytes:
        """The TL bytes that answer the client's next step."""
        request, _ = _read(body)
        step = self._steps.get(type(request))
        if step is None:
            raise HandshakeError(f"{type(request).__name__} is no step of the key exchange")
        return bytes(step(request))

    def _offer_pq(self, request: Any) -> Any:
        self._nonce = request.nonce
        self._server_nonce = _signed(secrets.token_bytes(16))
        self._exponent = 0
        return types.ResPQ(self._nonce, self._server_nonce, _big_endian(_P * _Q), [FINGERPRINT])

    def _offer_params(self, request: Any) -> Any:
        self._check_nonces(request)
        data = decrypt_rsa(request.encrypted_data) if request.public_key_fingerprint == FINGERPRINT else None
        if data is None:
            raise HandshakeError("inner data that was not encrypted with the simulator's key")
        inner, _ = _read(data)
        if not isinstance(inner, _INNER_DATA):
            raise HandshakeError(f"{type(inner).__name__} as inner data")
        self._check_nonces(inner)
        self._new_nonce = inner.new_nonce
        if (inner.p, inner.q) != (_big_endian(_P), _big_endian(_Q)):
            refusal = _signed(sha1(self._new_nonce_bytes())[4:])
            return types.ServerDHParamsFail(self._nonce, self._server_nonce, refusal)
        return self._params()

    def _params(self) -> Any:
        public = 0
        while not _SAFETY <= public <= DH_PRIME - _SAFETY:
            self._exponent = secrets.randbits(_EXPONENT_BITS)
            public = pow(DH_GENERATOR, self._exponent, DH_PRIME)
        answer = bytes(
            types.ServerDHInnerData(
                self._nonce,
                self._server_nonce,
                DH_GENERATOR,
                DH_PRIME_BYTES,
                _big_endian(public),
                int(time.time()),
            )
        )
        hashed = sha1(answer) + answer
        padded = hashed + secrets.token_bytes(-len(hashed) % 16)
        return types.ServerDHParamsOk(
            self._nonce, self._server_nonce, AES.encrypt_ige(padded, *self._temporary_key())
        )

    def _finish(self, request: Any) -> Any:
        self._check_nonces(request)
        public = self._client_public(request.encrypted_data)
        secret = pow(public, self._exponent, DH_PRIME).to_bytes(256, "big")
        if not _SAFETY <= public <= DH_PRIME - _SAFETY:
            return types.DhGenFail(self._nonce, self._server_nonce, self._proof(secret, 3))
        # Telethon drops the leading zero bytes of a key and then reads its parts from the wrong places: one key in
        # 256 would not work. Asking for another exponent is the protocol's own way out.
        if secret[0] == 0 or not self._keep(secret, self._first_salt()):
            return types.DhGenRetry(self._nonce, self._server_nonce, self._proof(secret, 2))
        return types.DhGenOk(self._nonce, self._server_nonce, self._proof(secret, 1))

    def _client_public(self, encrypted: bytes) -> int:
        if not self._exponent or not encrypted or len(encrypted) % 16:
            raise HandshakeError("client parameters that do not fit the exchange")
        plain: bytes = AES.decrypt_ige(encrypted, *self._temporary_key())
        inner, length = _read(plain[20:])
        if not isinstance(inner, types.ClientDHInnerData) or sha1(plain[20 : 20 + length]) != plain[:20]:
            raise HandshakeError("client parameters with a wrong hash")
        self._check_nonces(inner)
        return int.from_bytes(inner.g_b, "big")

    def _check_nonces(self, step: Any) -> None:
        if not self._server_nonce or (step.nonce, step.server_nonce) != (self._nonce, self._server_nonce):
            raise HandshakeError("a step of another exchange")

    def _new_nonce_bytes(self) -> bytes:
        return self._new_nonce.to_bytes(32, "little", signed=True)

    def _temporary_key(self) -> tuple[bytes, bytes]:
        key, iv = generate_key_data_from_nonce(self._server_nonce, self._new_nonce)
        return key, iv

    def _first_salt(self) -> int:
        return _signed(self._new_nonce_bytes()[:8]) ^ _signed(
            self._server_nonce.to_bytes(16, "little", signed=True)[:8]
        )

    def _proof(self, secret: bytes, number: int) -> int:
        """new_nonce_hash1 to 3: only who knows the key and the new nonce can say it."""
        return _signed(sha1(self._new_nonce_bytes() + bytes([number]) + sha1(secret)[:8])[4:])
