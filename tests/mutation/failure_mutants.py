"""For each failure of docs/proof.md one small mistake in the program, and the test of that row that must notice it.

F36 has none: there are no updates over the air.
"""

from __future__ import annotations

from typing import NamedTuple

FLEETD, PORTABLE, ATTACKS = (
    "tests/fleetd",
    "tests/portable/firmware",
    "tests/protocol/test_attacks.py",
)
MQTT = "tests/fleetd/mqtt"


class Failure(NamedTuple):
    """In `file` the text `old` becomes `new`; it stands there once."""

    row: str
    file: str
    old: str
    new: str
    test: str


FAILURES = (
    Failure("F1", "fleetd/core/audit.py", "if number - (gap or 1) > seq:", "if False:",
            f"{FLEETD}/test_weather.py::test_they_end_in_step"),
    Failure("F2", "firmware/cache.py", "if verdict == STAGED and self.stage.is_complete():",
            "if verdict == STAGED:",
            f"{PORTABLE}/test_cache_snap.py"
            "::test_the_old_state_serves_until_the_last_chunk_whatever_their_order_rule_4"),
    Failure("F3", "firmware/cache.py",
            "        if not self._append(SWITCH, [stage.pack_switch(at_s)]):\n            return STORAGE\n",
            "",
            "tests/firmware/test_storage_campaign.py::test_cuts_of_the_copy_leave_old_or_new_safe_3"),
    Failure("F4", "fleetd/store/database.py",
            'self.connection.execute("ROLLBACK")\n            raise\n',
            'self.connection.execute("ROLLBACK")\n',
            f"{FLEETD}/test_ingest.py::test_nothing_is_confirmed_that_is_not_committed"),
    Failure("F5", "fleetd/transactions.py",
            "        for car, frame in turn.outgoing:\n            self._send(car, frame)\n",
            "            for car, frame in turn.outgoing:\n                self._send(car, frame)\n",
            f"{FLEETD}/test_kill.py::test_killed_at_any_statement_and_started_again"),
    Failure("F6", "fleetd/pushes.py", "gen = max(car.gen, point.gen) + 1", "gen = max(car.gen, 1)",
            f"{FLEETD}/test_sync_trouble.py::test_a_restored_database_starts_a_generation_of_its_own"),
    Failure("F7", "fleetd/health.py", "< health.FORKS_MAX:", "< 10**9:",
            f"{FLEETD}/test_clones.py::test_a_car_between_two_daemons_comes_to_rest"),
    Failure("F8", "firmware/loop.py", "        if is_lost:\n", "        if False:\n",
            f"{PORTABLE}/test_storage_damage.py::test_an_erased_journal_of_a_car_in_service_is_told"),
    Failure("F9", "firmware/ring_sectors.py",
            "found = find_flip(self, sector, at, mark)", "found = None",
            "tests/firmware/test_storage_campaign.py"
            "::test_one_flipped_bit_anywhere_changes_nothing_safe_3"),
    Failure("F10", "firmware/ring_sectors.py",
            "if head[0] != _MARK or at + FRAME_BYTES + self.length > self.sector_bytes:",
            "if head[0] != _MARK:",
            "tests/firmware/test_storage_campaign.py"
            "::test_no_damage_raises_or_moves_a_relay_safe_2_safe_3"),
    Failure("F11",
        "firmware/ring.py",
        "            if sectors.is_good(sector, at):\n                return True\n",
        "            return True\n",
        f"{PORTABLE}/test_journal_faults.py::test_failures_of_the_device_change_nothing",
    ),
    Failure(
        "F12", "fleetd/ingest.py", "for first, last in intake.missing:", "for first, last in ():",
            f"{FLEETD}/test_ingest.py::test_a_gap_is_kept_as_what_is_missing"),
    Failure("F13", "firmware/uplink.py",
            "self._wait_ms = min(self._wait_ms * 2 or FIRST_RETRY_MS, RETRY_MAX_MS)",
            "self._wait_ms = 100 * RETRY_MAX_MS",
            f"{ATTACKS}::test_every_event_once_though_no_eack_comes_for_an_hour"),
    Failure("F14", "firmware/commands.py", "if answer[:COMMAND_BYTES] == ident:\n                return answer", "pass",
            f"{ATTACKS}::test_a_repeated_command_is_done_once"),
    Failure("F15", "firmware/commands.py", "if command.boot != boot.ident:", "if False:",
            f"{ATTACKS}::test_no_command_of_an_earlier_boot_is_done"),
    Failure("F16", "firmware/commands.py", "if boot.uptime_s >= command.expires_s:", "if False:",
            f"{ATTACKS}::test_a_command_that_comes_late_is_not_done_and_said_to_have_expired"),
    Failure("F17", "fleetd/commands.py", "return is_told and not event_rows.names_command(",
            "return True or is_told and not event_rows.names_command(",
            f"{FLEETD}/test_commands.py"
            "::test_a_command_that_the_boot_before_received_is_never_sent_again"),
    Failure("F18", "firmware/wire/frames.py",
            "if equal_constant_time(hmac_sha256(key, car, message)[:TAG_BYTES], tag):", "if True:",
            f"{ATTACKS}::test_no_altered_frame_is_taken"),
    Failure("F19", "firmware/judgement.py", "elif not snapshot.lease_holds:", "elif False:",
            f"{PORTABLE}/test_inbox.py"
            "::test_the_lease_ends_card_starts_72_hours_after_the_last_word_and_time_renews_it"),
    Failure("F20", "firmware/cache.py", "if (gen, rev) <= (self.gen, self.rev):",
            "if (gen, rev) == (self.gen, self.rev):",
            f"{ATTACKS}::test_an_old_copy_never_comes_back"),
    Failure("F21", "firmware/uplink.py",
            "            self._hello_wait_ms = 0\n            self._wait_ms = 0\n",
            "            self._hello_wait_ms = 0\n            self._wait_ms = 0\n"
            "            self._journal.acknowledge(self._journal.next_seq - 1)\n",
            f"{ATTACKS}::test_a_thousand_reconnects_lose_nothing"),
    Failure("F22", "fleetd/mqtt/broker_link.py",
            "wait_s = RETRY_S if session.was_ready else min(2 * wait_s, RETRY_S_MAX)",
            "wait_s = 3600.0",
            f"{FLEETD}/test_broker_kills.py::test_nothing_is_lost_or_doubled_when_the_broker_is_killed"),
    Failure("F23", "fleetd/mqtt/admission.py", "if not self._connects.spend(now):", "if False:",
            f"{MQTT}/test_admission.py::test_connects_a_second_over_all"),
    Failure("F24", "fleetd/mqtt_endpoint.py", 'before.line.end("taken_over")', "pass",
            f"{MQTT}/test_conformance_limits.py::test_two_boxes_with_one_identity_take_turns"),
    Failure("F25", "fleetd/mqtt/connection.py",
            "if self._queued_bytes() + len(data) > self._limits.send_queue_bytes_max:", "if False:",
            f"{MQTT}/test_endpoint_raw.py"
            "::test_a_subscriber_that_stops_reading_is_cut_off_and_memory_stays_bounded"),
    Failure("F26",
        "fleetd/mqtt/connection.py",
        "except MqttError as error:",
        "except ZeroDivisionError as error:",
        "tests/protocol/test_fuzz.py::test_packets_harm_nobody",
    ),
    Failure(
        "F27", "fleetd/mqtt/dialogue.py", "if topic not in (self._up, self._presence):",
            "if False:", f"{MQTT}/test_conformance_isolation.py::test_no_will_on_anothers_topics"),
    Failure("F28", "firmware/loop.py", "if not 0 <= snapshot.wall_s <= _WALL_S_MAX:", "if False:",
            f"{PORTABLE}/test_clock_jumps.py"
            "::test_safe_4_a_time_that_cannot_be_is_not_trusted_and_starts_nothing"),
    Failure("F29", "hal/socket_dialect.py", "    context.verify_flags |= _NO_CHECK_TIME\n",
            "    context.check_hostname = False\n    context.verify_mode = tls.CERT_NONE\n",
            "tests/hal/test_socket_trust.py::test_a_lost_clock_and_another_server_gets_no_byte"),
    Failure("F30", "hal/socket_dialect.py", "context.check_hostname = True",
            "context.check_hostname = False",
            "tests/hal/test_socket_network.py::test_a_wrong_certificate_gets_no_byte"),
    Failure("F31", "firmware/cache.py", "if sum(stage.counts) + len(ops) > RECORDS_MAX:",
            "if sum(stage.counts) + len(ops) > RECORDS_MAX + 1:",
            f"{PORTABLE}/test_cache_snap.py::test_512_records_fit_and_513_do_not"),
    Failure("F32", "firmware/mqtt_session.py", "elif len(self.queue) >= QUEUE_FRAMES_MAX:",
            "elif False:",
            f"{PORTABLE}/test_link.py"
            "::test_more_than_the_program_takes_the_oldest_stay_and_the_rest_is_counted"),
    Failure("F33", "fleetd/core/pace.py", "return now_s >= self.due_s or", "return True or",
            f"{FLEETD}/test_sync.py::test_doubled_hellos_do_not_double_pushes"),
    Failure("F34", "firmware/tables.py", "            if found:\n                return found\n",
            "            if False:\n                return found\n",
            f"{PORTABLE}/test_inbox.py::test_a_poison_record_is_refused_and_the_old_copy_serves"),
    Failure("F35", "firmware/wire/kb1.py", 'EACK_FORMAT = ">II"', 'EACK_FORMAT = "<II"',
            "tests/protocol/test_versions.py::test_what_an_old_side_sends_is_understood"),
)  # fmt: skip
