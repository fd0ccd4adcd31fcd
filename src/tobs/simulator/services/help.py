"""help.*: what a client asks before it asks anything else."""

from datetime import UTC, datetime, timedelta
from typing import Any

from telethon.tl import functions, types

from tobs.simulator.centres import HOME_DC
from tobs.simulator.dispatch import Context, serves

_APP_CONFIG = {
    "small_queue_max_active_operations_count": 5,
    "large_queue_max_active_operations_count": 2,
    "upload_max_fileparts_default": 4000,
    "upload_max_fileparts_premium": 8000,
}
_APP_CONFIG_HASH = 1


@serves(functions.help.GetConfigRequest, login=False)
def get_config(context: Context, _request: Any) -> Any:
    """Answer Telegram's usual limits, and where each data centre listens."""
    now = datetime.fromtimestamp(context.now(), UTC)
    return types.Config(
        date=now,
        expires=now + timedelta(hours=1),
        test_mode=False,
        this_dc=context.dc_id,
        dc_options=[
            types.DcOption(dc, host, port) for dc, (host, port) in sorted(context.centres.addresses.items())
        ],
        dc_txt_domain_name="",
        chat_size_max=200,
        megagroup_size_max=200_000,
        forwarded_count_max=100,
        online_update_period_ms=210_000,
        offline_blur_timeout_ms=5_000,
        offline_idle_timeout_ms=30_000,
        online_cloud_timeout_ms=300_000,
        notify_cloud_delay_ms=30_000,
        notify_default_delay_ms=1_500,
        push_chat_period_ms=60_000,
        push_chat_limit=2,
        edit_time_limit=172_800,
        revoke_time_limit=2_147_483_647,
        revoke_pm_time_limit=2_147_483_647,
        rating_e_decay=2_419_200,
        stickers_recent_limit=200,
        channels_read_media_period=604_800,
        call_receive_timeout_ms=20_000,
        call_ring_timeout_ms=90_000,
        call_connect_timeout_ms=30_000,
        call_packet_timeout_ms=10_000,
        me_url_prefix="https://t.me/",
        caption_length_max=1_024,
        message_length_max=4_096,
        webfile_dc_id=HOME_DC,
    )


@serves(functions.help.GetNearestDcRequest, login=False)
def get_nearest_dc(context: Context, _request: Any) -> Any:
    """Answer that the accounts' data centre is the nearest."""
    return types.NearestDc(country="DE", this_dc=context.dc_id, nearest_dc=HOME_DC)


@serves(functions.help.GetAppConfigRequest, login=False)
def get_app_config(context: Context, request: Any) -> Any:
    """Answer the few client settings that exporters read: how many downloads may run at once, how large files are, until when the account is frozen."""
    account = context.world.account_of(context.user_id) if context.user_id else None
    frozen_until = account.frozen_until if account else 0
    known = _APP_CONFIG_HASH + frozen_until
    if request.hash == known:
        return types.help.AppConfigNotModified()
    said = _APP_CONFIG | ({"freeze_until_date": frozen_until} if frozen_until else {})
    values = [types.JsonObjectValue(key, types.JsonNumber(value)) for key, value in said.items()]
    return types.help.AppConfig(known, types.JsonObject(values))
