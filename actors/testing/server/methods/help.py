"""help.*: what every client asks first. It works without a login."""

from __future__ import annotations

from typing import Any

from actors.testing.server.methods.registry import Call, method
from actors.testing.server.tl import functions, types
from actors.testing.server.world.files import DC

__all__: list[str] = []

HOUR = 3600


@method(functions.help.GetConfigRequest)
def get_config(call: Call, _request: Any) -> Any:
    """Answer with this server as the only data centre, and with limits as Telegram's clients saw them in 2024."""
    return types.Config(
        date=call.now,
        expires=call.now + HOUR,
        test_mode=False,
        this_dc=DC,
        dc_options=[types.DcOption(DC, call.host, call.port)],
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
        webfile_dc_id=DC,
    )


@method(functions.help.GetNearestDcRequest, bots=False)
def get_nearest_dc(_call: Call, _request: Any) -> Any:
    """Answer with the only data centre."""
    return types.NearestDc(country="", this_dc=DC, nearest_dc=DC)
