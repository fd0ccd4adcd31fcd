"""auth.*: how an account is opened, with a code and, if it has one, a password; and in other data centres."""

import copy
import secrets
from datetime import UTC, datetime
from typing import Any

from telethon.tl import functions, types

from tobs.simulator import srp
from tobs.simulator.access import account_id
from tobs.simulator.centres import DC_IDS, HOME_DC
from tobs.simulator.dispatch import Context, RpcError, SentCode, serves
from tobs.simulator.model import Account

CODE_LIFETIME_SECONDS = 300
"""How long a login code is taken."""
_RESEND_SECONDS = 60


@serves(functions.auth.SendCodeRequest, login=False)
def send_code(context: Context, request: Any) -> Any:
    """Announce a code to an account of the world; the code itself is `account.code`."""
    account = find_account(context, request.phone_number)
    if context.dc_id != HOME_DC:
        raise RpcError(303, f"PHONE_MIGRATE_{HOME_DC}")
    return _announce_code(context, account)


@serves(functions.auth.ResendCodeRequest, login=False)
def resend_code(context: Context, request: Any) -> Any:
    """Announce the same code again under a new hash, by SMS; there is no third way."""
    sent = context.authorization.sent_code
    if sent is None or sent.code_hash != request.phone_code_hash:
        raise RpcError(400, "PHONE_CODE_EXPIRED")
    if sent.is_by_sms:
        raise RpcError(406, "SEND_CODE_UNAVAILABLE")
    return _announce_code(context, find_account(context, request.phone_number), is_by_sms=True)


@serves(functions.auth.CancelCodeRequest, login=False)
def cancel_code(context: Context, _request: Any) -> Any:
    """Forget the announced code."""
    context.authorization.sent_code = None
    return True


@serves(functions.auth.SignInRequest, login=False)
def sign_in(context: Context, request: Any) -> Any:
    """Log in with the code, or ask for the password when the account has one."""
    account = find_account(context, request.phone_number)
    _check_code(context, account, request)
    if account.password is not None:
        context.authorization.password_due = account.phone
        raise RpcError(401, "SESSION_PASSWORD_NEEDED")
    return _log_in(context, account)


@serves(functions.auth.CheckPasswordRequest, login=False)
def check_password(context: Context, request: Any) -> Any:
    """Log in with the proof of the password; each challenge of account.getPassword is good for one try."""
    account = password_account(context)
    exchange, context.authorization.exchange = context.authorization.exchange, None
    if account is None or account.password is None:
        raise RpcError(400, "PASSWORD_EMPTY")
    proof = request.password
    if exchange is None or getattr(proof, "srp_id", None) != exchange.srp_id:
        raise RpcError(400, "SRP_ID_INVALID")
    if not srp.is_right(exchange, account.password, proof.A, proof.M1):
        raise RpcError(400, "PASSWORD_HASH_INVALID")
    return _log_in(context, account)


@serves(functions.auth.LogOutRequest, login=False)
def log_out(context: Context, _request: Any) -> Any:
    """End the login on this key."""
    context.authorization.log_out()
    return types.auth.LoggedOut()


@serves(functions.auth.ExportAuthorizationRequest)
def export_authorization(context: Context, request: Any) -> Any:
    """Answer what opens another data centre to the account, once."""
    if request.dc_id == context.dc_id or request.dc_id not in DC_IDS:
        raise RpcError(400, "DC_ID_INVALID")
    user_id = account_id(context)
    token = context.centres.export_login(user_id, request.dc_id)
    return types.auth.ExportedAuthorization(user_id, token)


@serves(functions.auth.ImportAuthorizationRequest, login=False)
def import_authorization(context: Context, request: Any) -> Any:
    """Log in with what another data centre exported for this one."""
    if not context.centres.import_login(request.id, context.dc_id, request.bytes):
        raise RpcError(400, "AUTH_BYTES_INVALID")
    return _log_in(context, context.world.account_of(request.id))


@serves(functions.auth.ExportLoginTokenRequest, login=False)
def export_login_token(context: Context, _request: Any) -> Any:
    """Answer a token for another device to scan or, when one did, the login; in another data centre, where that is."""
    accepted = context.tokens.find_accepted(context.authorization)
    if accepted is None:
        token, expires_at = context.tokens.show(context.authorization, context.now())
        return types.auth.LoginToken(datetime.fromtimestamp(expires_at, UTC), token)
    token, user_id = accepted
    if context.dc_id != HOME_DC:
        return types.auth.LoginTokenMigrateTo(HOME_DC, token)
    context.tokens.take(token)
    return _finish_scan(context, user_id)


@serves(functions.auth.ImportLoginTokenRequest, login=False)
def import_login_token(context: Context, request: Any) -> Any:
    """Log in with a token that was accepted, here at home."""
    user_id = context.tokens.take(request.token)
    if user_id is None:
        raise RpcError(400, "AUTH_TOKEN_INVALID")
    return _finish_scan(context, user_id)


@serves(functions.auth.AcceptLoginTokenRequest)
def accept_login_token(context: Context, request: Any) -> Any:
    """Let the one who shows this token in, as the account that asks."""
    if not context.tokens.accept(request.token, account_id(context), context.now()):
        raise RpcError(400, "AUTH_TOKEN_EXPIRED")
    now = datetime.fromtimestamp(context.now(), UTC)
    return types.Authorization(
        hash=secrets.randbits(62),
        device_model="",
        platform="",
        system_version="",
        api_id=1,
        app_name="",
        app_version="",
        date_created=now,
        date_active=now,
        ip="127.0.0.1",
        country="",
        region="",
    )


def _finish_scan(context: Context, user_id: int) -> Any:
    account = context.world.account_of(user_id)
    if account.password is not None:
        context.authorization.password_due = account.phone
        raise RpcError(401, "SESSION_PASSWORD_NEEDED")
    return types.auth.LoginTokenSuccess(_log_in(context, account))


def find_account(context: Context, phone: str) -> Account:
    """The account with this number, however it is written."""
    digits = _digits(phone)
    for account in context.world.accounts.values():
        if _digits(account.phone) == digits:
            return account
    raise RpcError(400, "PHONE_NUMBER_INVALID")


def password_account(context: Context) -> Account | None:
    """The account whose password this key may ask about: the one it is logged in to, or half way in."""
    login = context.authorization
    for account in context.world.accounts.values():
        if account.phone == login.password_due or account.user_id == login.user_id:
            return account
    return None


def _digits(phone: str) -> str:
    return "".join(filter(str.isdecimal, phone))


def _announce_code(context: Context, account: Account, *, is_by_sms: bool = False) -> Any:
    expires_at = context.now() + CODE_LIFETIME_SECONDS
    sent = SentCode(account.phone, secrets.token_hex(9), expires_at, is_by_sms)
    context.authorization.sent_code = sent
    length = len(account.code)
    if is_by_sms:
        return types.auth.SentCode(types.auth.SentCodeTypeSms(length), sent.code_hash)
    return types.auth.SentCode(
        types.auth.SentCodeTypeApp(length),
        sent.code_hash,
        next_type=types.auth.CodeTypeSms(),
        timeout=_RESEND_SECONDS,
    )


def _check_code(context: Context, account: Account, request: Any) -> None:
    sent = context.authorization.sent_code
    if not request.phone_code:
        raise RpcError(400, "PHONE_CODE_EMPTY")
    if sent is None or (sent.phone, sent.code_hash) != (account.phone, request.phone_code_hash):
        raise RpcError(400, "PHONE_CODE_EXPIRED")
    if context.now() > sent.expires_at:
        raise RpcError(400, "PHONE_CODE_EXPIRED")
    if request.phone_code != account.code:
        raise RpcError(400, "PHONE_CODE_INVALID")


def _log_in(context: Context, account: Account) -> Any:
    context.authorization.log_in(account.user_id)
    user = copy.copy(account.user)
    user.is_self = True
    return types.auth.Authorization(user)
