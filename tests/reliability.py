"""What goes wrong, what tobs makes of it, and the tests that show it: docs/reliability.md is made from this and from them.

A row cannot name a test that does not exist, and its counts are those that pytest collects.
"""

from __future__ import annotations

from dataclasses import dataclass

from archive import test_fuzz as archives
from cache import test_fuzz as small_files
from telegram import test_fuzz as pages

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Row:
    """One fault. `does` is a sentence, `code` the exit codes, `tests` are `file::function` below tests/.

    Each test tries `tries` of what the row is about, and `long_tries` if it is one of the long ones.
    """

    fault: str
    does: str
    code: str
    lost: str
    tests: tuple[str, ...]
    tries: int = 1
    long_tries: int = 1


MACHINE = (
    Row(
        "kill -9 (or a crash) while tobs fetches, draws, downloads or processes",
        "The next run goes on with the first page that is not stored, ends partial files part by part, and the folder has the same bytes as without it.",
        "-9",
        NOTHING,
        (
            "e2e/test_crash.py::test_an_export_killed_while_it_fetches_resumes_to_the_same_bytes",
            "e2e/test_crash.py::test_an_export_killed_while_it_draws_resumes_to_the_same_bytes",
            "e2e/test_crash.py::test_an_export_killed_again_and_again_ends_with_the_same_bytes",
            "e2e/test_media.py::test_a_killed_download_goes_on_part_by_part_to_the_same_tree",
            "e2e/test_takeout.py::test_a_killed_run_leaves_its_takeout_to_the_next",
        ),
    ),
    Row(
        "Storms: kills, signals, floods, broken lines and bent pages by chance, while messages come, change and vanish",
        "Every id is accounted for exactly once, the archive is what the world is.",
        "as each fault",
        NOTHING,
        (
            "e2e/test_storm.py::test_after_any_storm_the_archive_is_the_world",
            "e2e/test_storm.py::test_after_any_of_many_storms_the_archive_is_the_world",
            "e2e/test_media_storm.py::test_after_any_storm_every_file_is_right_or_has_its_reason",
            "e2e/test_media_storm.py::test_after_any_of_many_storms_every_file_is_right_or_has_its_reason",
        ),
    ),
    Row(
        "Ctrl+C or SIGTERM, also during hours of waiting",
        "What is under way is stored and drawn, nothing more is asked; later chats are not begun and named.",
        "130",
        NOTHING,
        (
            "e2e/test_signals.py::test_the_first_signal_waits_for_the_page_under_way_and_draws",
            "e2e/test_stopping.py::test_no_wait_outlasts_being_told_to_stop",
            "e2e/test_stopping.py::test_a_real_signal_ends_a_real_hour_of_waiting",
            "e2e/test_media.py::test_ctrl_c_keeps_the_parts_that_came",
        ),
    ),
    Row(
        "A second signal",
        "It ends at once.",
        "130",
        NOTHING,
        ("e2e/test_signals.py::test_the_second_signal_ends_at_once_and_loses_nothing",),
    ),
    Row(
        "The disk is full, at any write",
        "The run ends with what could not be written; what was committed stays.",
        "15",
        NOTHING,
        (
            "e2e/test_faults.py::test_a_disk_that_is_full_at_any_write_costs_nothing",
            "e2e/test_faults.py::test_a_disk_that_is_full_at_any_of_many_writes_costs_nothing",
            "e2e/test_media.py::test_a_full_disk_ends_the_run_with_all_that_came_kept",
            "e2e/test_process.py::test_a_full_disk_ends_it_with_all_that_was_made_kept",
        ),
    ),
    Row(
        "The export folder becomes read-only",
        "Export and render say so; verify works all the same.",
        "2",
        NOTHING,
        ("e2e/test_faults.py::test_a_folder_that_becomes_read_only_is_said_to_be_so_and_can_be_verified",),
    ),
    Row(
        "Few files may be open (ulimit -n)",
        "With 64 it works, with less it ends and says what is too few.",
        "0, 1 or 2",
        NOTHING,
        ("e2e/test_faults.py::test_few_files_that_may_be_open_end_it_with_a_sentence_or_do",),
    ),
    Row(
        "The computer's clock jumps by days, forth and back",
        "Nothing: waits are counted by the clock that cannot be moved as well.",
        "0",
        NOTHING,
        ("e2e/test_faults.py::test_a_clock_that_jumps_by_days_changes_nothing",),
    ),
    Row(
        "Another tobs works in the folder, or with the account",
        "The second one says who holds it, and since when.",
        "11",
        NOTHING,
        (
            "e2e/test_failures.py::test_an_export_folder_in_use_names_who_holds_it",
            "e2e/test_failures.py::test_an_account_in_use_names_who_holds_it",
        ),
    ),
    Row(
        "10,000 pages with faults all the while",
        "Memory, tasks, descriptors and threads stay what they were.",
        "0",
        NOTHING,
        (
            "e2e/test_faults.py::test_pages_and_faults_all_the_while_need_no_more_of_anything",
            "e2e/test_faults.py::test_ten_thousand_pages_and_faults_all_the_while_need_no_more_of_anything",
        ),
    ),
)

NETWORK = (
    Row(
        "Told waits (FLOOD_WAIT), hours of them",
        "They are obeyed and shown, and burn no retry.",
        "0",
        NOTHING,
        (
            "e2e/test_weather.py::test_an_hour_of_waiting_passes_on_the_shared_clock",
            "e2e/test_connection.py::test_hours_of_waiting_are_obeyed_and_shown",
            "e2e/test_weather.py::test_under_a_limit_no_page_is_lost",
        ),
    ),
    Row(
        "A told wait longer than MAX_FLOOD_WAIT",
        "The run ends and says when to come back; the next one knows it too.",
        "13",
        NOTHING,
        (
            "e2e/test_weather.py::test_a_wait_too_long_ends_the_run_and_the_next_one_knows_it",
            "e2e/test_connection.py::test_a_wait_longer_than_allowed_ends_the_run_and_keeps_what_is_there",
        ),
    ),
    Row(
        "Lines that break, stall, or answer out of order",
        "The request is sent again over a new line.",
        "0",
        NOTHING,
        (
            "e2e/test_weather.py::test_an_export_through_bad_weather_has_every_message_once",
            "e2e/test_weather.py::test_a_stalled_socket_is_noticed_and_the_request_repeated",
            "e2e/test_weather.py::test_dropped_sockets_in_mid_flight_cost_no_page",
        ),
    ),
    Row(
        "The network is gone, or never was there",
        "The run tries for a while, ends, and keeps what came.",
        "14",
        NOTHING,
        (
            "e2e/test_connection.py::test_a_server_process_that_dies_in_the_middle_costs_no_page_that_came",
            "e2e/test_connection.py::test_a_server_that_cannot_be_reached_ends_with_14",
            "e2e/test_connection.py::test_a_server_that_never_answers_is_given_up",
        ),
    ),
    Row(
        "The proxy refuses, or is gone",
        "The run ends; nothing goes around the proxy.",
        "14",
        NOTHING,
        (
            "e2e/test_proxy.py::test_a_proxy_that_refuses_ends_the_run_and_is_not_gone_around",
            "e2e/test_proxy.py::test_a_wrong_password_and_a_proxy_that_is_gone_are_said_without_the_password",
        ),
    ),
)

SERVER = (
    Row(
        "Internal errors of the server",
        "It is asked again, a few times.",
        "0",
        NOTHING,
        ("e2e/test_failures.py::test_a_server_that_stumbles_is_asked_again",),
    ),
    Row(
        "Answers that are garbage: bombs in gzip, vectors of two thousand millions, texts in texts, noise",
        "The chat ends with a sentence, within bounds of memory.",
        "1, 3, 12 or 14",
        NOTHING,
        (
            "e2e/test_garbage.py::test_an_answer_that_is_garbage_ends_the_run_and_the_next_one_goes_on",
            "e2e/test_garbage.py::test_who_speaks_no_mtproto_is_refused_within_bounds",
        ),
    ),
    Row(
        "Pages that are wrong: the same one for ever, ids that none can have or nobody asked for, doubled, backwards, of another chat",
        "What can be used is used; else the chat ends with a sentence, and nothing of the page is stored.",
        "0, 1, 3 or 12",
        NOTHING,
        ("e2e/test_faults.py::test_pages_that_are_wrong_end_and_leave_nothing_wrong_behind",),
    ),
    Row(
        "Spoilt bytes in pages",
        "They are damage, or messages that can be stored, read and drawn.",
        "",
        NOTHING,
        (
            "telegram/test_fuzz.py::test_spoilt_pages_are_damage_or_messages_that_can_be_kept_and_drawn",
            "telegram/test_fuzz.py::test_a_hundred_thousand_spoilt_pages_are_damage_or_messages",
        ),
        pages.CASES,
        pages.LONG_CASES,
    ),
    Row(
        "Messages of types that this version does not know",
        "Only they are left out: named, their bytes kept, and asked for again by a newer version.",
        "3",
        "nothing that Telegram still has",
        (
            "e2e/test_unreadable.py::test_unreadable_messages_cost_only_themselves",
            "e2e/test_unreadable.py::test_a_later_version_reads_what_an_earlier_one_could_not",
        ),
    ),
    Row(
        "The session is revoked in the middle",
        "The run ends, keeps what came, and names `tobs login`.",
        "10",
        NOTHING,
        ("e2e/test_connection.py::test_a_session_revoked_in_the_middle_keeps_what_is_there",),
    ),
    Row(
        "The takeout is revoked in the middle",
        "A new one is begun, or the run goes on without.",
        "0",
        NOTHING,
        (
            "e2e/test_takeout.py::test_a_takeout_revoked_in_the_middle_is_begun_anew",
            "e2e/test_takeout.py::test_when_every_takeout_is_revoked_auto_goes_on_without",
        ),
    ),
    Row(
        "File references expire, files move to other data centres, parts come damaged",
        "The file is asked for again where and as it has to be.",
        "0",
        NOTHING,
        (
            "e2e/test_media.py::test_what_passes_costs_no_file",
            "e2e/test_media.py::test_with_full_checks_a_bent_byte_is_asked_for_again",
        ),
    ),
    Row(
        "Files that cannot be had, or are not as long as announced",
        "The note says why there is none; all else goes on, and the next run tries again.",
        "3",
        "the file, as long as Telegram does not give it",
        (
            "e2e/test_media.py::test_a_file_that_cannot_be_had_has_its_reason_and_stops_nothing",
            "e2e/test_media.py::test_a_file_that_is_not_as_long_as_announced_is_never_called_done",
        ),
    ),
)

FILES = (
    Row(
        "A damaged archive",
        "Every command refuses it and names `tobs archive repair`, which saves what can be read and has the rest asked for again.",
        "12; repair 0 or 3",
        "see [repair](repair.md)",
        (
            "e2e/test_repair.py::test_every_command_refuses_a_damaged_archive_and_names_the_way_out",
            "e2e/test_repair.py::test_a_damaged_archive_is_whole_again_after_the_next_export",
            "e2e/test_repair.py::test_two_hundred_damaged_archives_are_whole_again",
            "e2e/test_repair.py::test_a_repair_that_ends_anywhere_is_done_by_the_next",
            "e2e/test_repair.py::test_a_torn_log_loses_only_what_stood_in_it",
        ),
    ),
    Row(
        "Spoilt bytes in the archive's file",
        "It is read or refused, whoever reads it.",
        "12",
        "see [repair](repair.md)",
        (
            "archive/test_fuzz.py::test_a_spoilt_archive_is_read_or_refused",
            "archive/test_fuzz.py::test_a_hundred_thousand_uses_of_spoilt_archives_end_with_an_answer",
        ),
        archives.CASES * archives.USES,
        archives.LONG_CASES * archives.USES,
    ),
    Row(
        "Spoilt sessions, keys, states and caches",
        "A cache starts empty, a state is forgotten, a session is asked for again.",
        "0 or 12",
        NOTHING,
        (
            "cache/test_fuzz.py::test_what_an_account_keeps_may_be_spoilt",
            "cache/test_fuzz.py::test_a_hundred_thousand_times_it_may",
        ),
        small_files.CASES,
        small_files.LONG_CASES,
    ),
    Row(
        "An archive of a newer version",
        "It is refused and left alone.",
        "2",
        NOTHING,
        ("e2e/test_repair.py::test_an_archive_of_a_newer_version_is_refused_and_left_alone",),
    ),
    Row(
        "Links in the export folder",
        "None is followed.",
        "2",
        NOTHING,
        ("e2e/test_links.py::test_no_link_anywhere_in_the_folder_is_followed",),
    ),
    Row(
        "Notes that their owner changed",
        "They stay; the new one gets ` (new)` behind its name.",
        "0",
        NOTHING,
        ("e2e/test_crash.py::test_a_kill_leaves_the_notes_alone_that_their_owner_changed",),
    ),
)

SECTIONS = {
    "The machine": MACHINE,
    "The network": NETWORK,
    "Telegram": SERVER,
    "Files": FILES,
}
