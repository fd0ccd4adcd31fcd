"""Moments as the clock on the wall showed them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tobs.writers.calendar import Calendar

ZONES = ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "America/New_York"]


@given(seconds=st.integers(0, 2**32), zone=st.sampled_from(ZONES))
def test_a_moment_is_what_the_zones_own_rules_say(seconds: int, zone: str) -> None:
    expected = datetime.fromtimestamp(seconds, ZoneInfo(zone))
    assert Calendar(zone).moment(seconds) == f"{expected:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("seconds", [1_774_745_999, 1_774_746_000, 1_792_889_999, 1_792_890_000])
def test_the_hour_in_which_clocks_are_turned_is_said_rightly(seconds: int) -> None:
    expected = datetime.fromtimestamp(seconds, ZoneInfo("Europe/Berlin"))
    calendar = Calendar("Europe/Berlin")
    said = [calendar.moment(each) for each in (seconds, seconds, seconds + 1)]
    assert said[0] == said[1] == f"{expected:%Y-%m-%d %H:%M:%S}"
    assert said[2] != said[0]
