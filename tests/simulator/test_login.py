"""Who gets in, and who is put out again."""

import pytest
from telethon import TelegramClient
from telethon.errors import (
    AuthKeyNotFound,
    AuthKeyUnregisteredError,
    PasswordEmptyError,
    PasswordHashInvalidError,
    PhoneCodeEmptyError,
    PhoneCodeExpiredError,
    PhoneCodeInvalidError,
    PhoneNumberInvalidError,
    SessionPasswordNeededError,
    SessionRevokedError,
    SrpIdInvalidError,
)
from telethon.password import compute_check
from telethon.tl import functions, types

from simulator.protocol_world import ALICE, BORIS, NOW, connected, logged_in, two_people
from tobs.simulator.server import Simulator
from tobs.simulator.services.auth import CODE_LIFETIME_SECONDS


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.seconds = float(NOW)

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


async def ask_needing_login(client: TelegramClient) -> None:
    await client(functions.account.UpdateStatusRequest(offline=True))


async def test_a_client_logs_in_with_a_code() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        sent = await client.send_code_request(ALICE.phone)
        user = await client.sign_in(ALICE.phone, ALICE.code, phone_code_hash=sent.phone_code_hash)
        await ask_needing_login(client)
    assert (user.id, user.is_self) == (ALICE.user_id, True)
    assert sent.type.length == len(ALICE.code)


async def test_a_client_logs_in_with_a_code_and_a_password() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        sent = await client.send_code_request(BORIS.phone)
        with pytest.raises(SessionPasswordNeededError):
            await client.sign_in(BORIS.phone, BORIS.code, phone_code_hash=sent.phone_code_hash)
        with pytest.raises(AuthKeyUnregisteredError):
            await ask_needing_login(client)
        user = await client.sign_in(password=BORIS.password)
    assert user.id == BORIS.user_id


async def test_a_wrong_password_is_refused_and_the_right_one_still_works() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        sent = await client.send_code_request(BORIS.phone)
        with pytest.raises(SessionPasswordNeededError):
            await client.sign_in(BORIS.phone, BORIS.code, phone_code_hash=sent.phone_code_hash)
        with pytest.raises(PasswordHashInvalidError):
            await client.sign_in(password="wrong")
        assert (await client.sign_in(password=BORIS.password)).id == BORIS.user_id


async def test_a_challenge_is_good_for_one_try() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        await logged_in(client, BORIS)
        challenge = await client(functions.account.GetPasswordRequest())
        proof = compute_check(challenge, "wrong")
        with pytest.raises(PasswordHashInvalidError):
            await client(functions.auth.CheckPasswordRequest(proof))
        with pytest.raises(SrpIdInvalidError):
            await client(functions.auth.CheckPasswordRequest(proof))


async def test_an_account_without_a_password_says_so() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        await logged_in(client)
        assert not (await client(functions.account.GetPasswordRequest())).has_password
        with pytest.raises(PasswordEmptyError):
            await client(functions.auth.CheckPasswordRequest(types.InputCheckPasswordEmpty()))


async def test_a_wrong_code_is_refused_and_the_right_one_still_works() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        sent = await client.send_code_request(ALICE.phone)
        for code, error in (("99999", PhoneCodeInvalidError), ("", PhoneCodeEmptyError)):
            with pytest.raises(error):
                await client(functions.auth.SignInRequest(ALICE.phone, sent.phone_code_hash, code))
        with pytest.raises(PhoneCodeExpiredError):
            await client(functions.auth.SignInRequest(ALICE.phone, "another", ALICE.code))
        await client.sign_in(ALICE.phone, ALICE.code, phone_code_hash=sent.phone_code_hash)


async def test_a_code_expires_by_the_clock_of_the_world() -> None:
    clock = Clock()
    async with Simulator(two_people(), clock=clock) as simulator, connected(simulator) as client:
        sent = await client.send_code_request(ALICE.phone)
        await clock.sleep(CODE_LIFETIME_SECONDS + 1)
        with pytest.raises(PhoneCodeExpiredError):
            await client.sign_in(ALICE.phone, ALICE.code, phone_code_hash=sent.phone_code_hash)
        again = await client(functions.auth.ResendCodeRequest(ALICE.phone, sent.phone_code_hash))
        await client.sign_in(ALICE.phone, ALICE.code, phone_code_hash=again.phone_code_hash)


async def test_a_cancelled_code_is_not_taken() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        sent = await client.send_code_request(ALICE.phone)
        assert await client(functions.auth.CancelCodeRequest(ALICE.phone, sent.phone_code_hash))
        for request in (
            functions.auth.SignInRequest(ALICE.phone, sent.phone_code_hash, ALICE.code),
            functions.auth.ResendCodeRequest(ALICE.phone, sent.phone_code_hash),
        ):
            with pytest.raises(PhoneCodeExpiredError):
                await client(request)


async def test_an_unknown_number_is_refused() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        with pytest.raises(PhoneNumberInvalidError):
            await client.send_code_request("+15559999999")


async def test_a_client_comes_back_with_its_stored_key() -> None:
    async with Simulator(two_people()) as simulator:
        async with connected(simulator) as client:
            await logged_in(client)
            stored = client.session.save()
        async with connected(simulator, stored) as client:
            await ask_needing_login(client)
    assert simulator.counts["auth.signIn"] == 1


async def test_a_key_that_another_server_gave_is_not_known_here() -> None:
    async with Simulator(two_people()) as first, connected(first) as client:
        stored = client.session.save()
    async with Simulator(two_people()) as second:
        with pytest.raises(AuthKeyNotFound):
            async with connected(second, stored):
                pass


async def test_a_client_that_logs_out_has_to_log_in_again() -> None:
    async with Simulator(two_people()) as simulator, connected(simulator) as client:
        await logged_in(client)
        await client(functions.auth.LogOutRequest())
        with pytest.raises(AuthKeyUnregisteredError):
            await ask_needing_login(client)
        await logged_in(client)
        await ask_needing_login(client)


async def test_a_revoked_account_is_told_so_and_the_others_stay() -> None:
    async with (
        Simulator(two_people()) as simulator,
        connected(simulator) as alice,
        connected(simulator) as boris,
    ):
        await logged_in(alice)
        await logged_in(boris, BORIS)
        simulator.revoke(ALICE.user_id)
        with pytest.raises(SessionRevokedError):
            await ask_needing_login(alice)
        await ask_needing_login(boris)


async def test_every_data_centre_of_the_configuration_listens_on_a_port_of_its_own() -> None:
    async with Simulator(two_people(), clock=Clock()) as simulator, connected(simulator) as client:
        config = await client(functions.help.GetConfigRequest())
        nearest = await client(functions.help.GetNearestDcRequest())
        app = await client(functions.help.GetAppConfigRequest(0))
        same = await client(functions.help.GetAppConfigRequest(app.hash))
    places = {option.id: (option.ip_address, option.port) for option in config.dc_options}
    assert places[2] == (simulator.host, simulator.port)
    assert (list(places), len(set(places.values()))) == ([1, 2, 3, 4, 5], 5)
    assert (config.date.timestamp(), config.this_dc, nearest.nearest_dc) == (NOW, 2, 2)
    assert {entry.key for entry in app.config.value} >= {"small_queue_max_active_operations_count"}
    assert isinstance(same, types.help.AppConfigNotModified)
