"""The commands that move a deposit on, and those that keep the programme: what they answer, in JSON and in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sent_files import csv_file

Run = Callable[..., Result]
VALFLEURI = "FR-99-VALFLEURI"
LINE = "FR-99-VALFLEURI;;{};2026-T3;total;;{};{};{};normal;libre;;;30/09/2026;France services;"
FIRST = csv_file(LINE.format("DRO-01", "", "", 95), LINE.format("JEU-01", 38, 130, ""))
FAULTY = csv_file(LINE.format("DRO-01", "", "", 95), LINE.format("JEU-01", 38, "", ""))


@pytest.fixture
def ask(run: Run, demo_path: Path) -> Callable[..., Any]:
    """A command on a demonstration store; its JSON, or with `code` what it prints then."""

    def ask(*arguments: object, code: int = 0, in_words: bool = False) -> Any:
        result = run(*arguments, "--store", demo_path, *([] if in_words else ["--json"]))
        assert result.exit_code == code, result.output
        if code in (2, 3):
            assert (result.stdout, len(result.stderr.splitlines())) == ("", 1)
            return result.stderr
        return result.stdout if in_words else json.loads(result.stdout)

    return ask


@pytest.fixture
def sent(ask: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    def sent(content: bytes, *said: object, **how: Any) -> Any:
        path = tmp_path / "depot.csv"
        path.write_bytes(content)
        return ask("deposit", path, "--territory", VALFLEURI, "--by", "officer", *said, **how)

    return sent


class TestMoves:
    """`deposit` waits; `approve`, `return`, `withdraw` move it on; `receipt` tells it again."""

    def test_a_deposit_waits_until_it_is_approved(self, ask: Any, sent: Any) -> None:
        first = sent(FIRST)
        number = first["submission_id"]
        assert (first["state"], first["new"], first["kept"], first["masked"], first["left"]) == (
            "submitted",
            2,
            0,
            0,
            0,
        )
        count = len(ask("observations", "--territory", VALFLEURI)["observations"])
        approved = ask("approve", number, "--by", "coordinator")
        assert (approved["submission_id"], approved["state"]) == (number, "approved")
        assert len(ask("observations", "--territory", VALFLEURI)["observations"]) == count + 2
        again = ask("receipt", number)
        assert [(one["state"], one["by"]) for one in again["events"]] == [
            ("submitted", "officer"),
            ("approved", "coordinator"),
        ]
        assert again == approved

    def test_the_difference_is_in_the_check_and_in_the_receipt(self, ask: Any, sent: Any, tmp_path: Path) -> None:
        """Old and new of each value that moves, and what stays though it is not in the file."""
        sent(FIRST, "--approve")
        path = tmp_path / "second.csv"
        path.write_bytes(csv_file(LINE.format("DRO-01", "", "", 96)))
        checked = ask("check", path, "--territory", VALFLEURI)
        assert (checked["changed"], checked["kept"], checked["new"]) == (1, 1, 0)
        receipt = ask("deposit", path, "--territory", VALFLEURI, "--reason", "recompté", "--approve")
        for found in (checked, receipt):
            moved = {one["indicator_code"]: one for one in found["changes"]}
            assert (moved["DRO-01"]["change"], moved["DRO-01"]["value_before"], moved["DRO-01"]["value"]) == (
                "changed",
                95.0,
                96.0,
            )
            assert (moved["JEU-01"]["change"], moved["JEU-01"]["numerator"]) == ("kept", 38.0)
        assert (receipt["reason"], ask("receipt", receipt["submission_id"])["changes"]) == (
            "recompté",
            receipt["changes"],
        )

    def test_a_return_with_remarks(self, ask: Any, sent: Any) -> None:
        number = sent(FIRST)["submission_id"]
        remarks = ("--remark", "3:numerateur:compté deux fois", "--remark", "2:et la source ?")
        said = ask("return", number, "--by", "c", "--reason", "à revoir", *remarks, in_words=True)
        assert "Renvoyé à corriger" in said
        assert "Ligne 2 : et la source ?" in said.replace("\u00a0", " ")
        found = ask("receipt", number)
        assert found["state"] == "returned"
        assert found["remarks"] == [
            {"row": 2, "column": None, "text": "et la source ?"},
            {"row": 3, "column": "numerateur", "text": "compté deux fois"},
        ]

    def test_a_withdrawal_brings_back_what_was_before(self, ask: Any, sent: Any) -> None:
        sent(FIRST, "--approve")
        second = sent(csv_file(LINE.format("DRO-01", "", "", 96)), "--reason", "recompté", "--approve")
        ask("withdraw", second["submission_id"], "--reason", "mauvais fichier")
        rows = ask("observations", "--territory", VALFLEURI, "--indicator", "DRO-01")["observations"]
        assert [row["value"] for row in rows if row["period"] == "2026-Q3"] == [95.0]

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            pytest.param(("approve", "nothing"), "nothing", id="unknown_number"),
            pytest.param(("receipt", "01a211fb-9495-7a87-8f9a-c1f750841255"), "01a211fb", id="number_of_nothing"),
            pytest.param(("return", "ID"), "--reason", id="return_without_reason"),
            pytest.param(("withdraw", "ID"), "--reason", id="withdrawal_without_reason"),
            pytest.param(
                ("return", "ID", "--reason", "x", "--remark", "no line"), "LIGNE:TEXTE", id="remark_without_line"
            ),
        ],
    )
    def test_what_cannot_be_done_is_said_in_one_line(
        self, ask: Any, sent: Any, arguments: tuple[str, ...], sentence: str
    ) -> None:
        number = sent(FIRST)["submission_id"]
        said = ask(*(number if word == "ID" else word for word in arguments), code=2)
        assert sentence in said
        assert ask("receipt", number)["state"] == "submitted"

    def test_a_step_that_the_state_does_not_allow(self, ask: Any, sent: Any) -> None:
        number = sent(FIRST)["submission_id"]
        ask("return", number, "--reason", "à revoir")
        said = ask("approve", number, code=2).replace("\u00a0", " ")
        assert "« à corriger »" in said
        assert "« validé »" in said

    def test_a_correction_without_reason_is_refused(self, ask: Any, sent: Any) -> None:
        sent(FIRST, "--approve")
        other = csv_file(LINE.format("DRO-01", "", "", 96))
        assert "--reason" in sent(other, "--approve", code=2)
        assert sent(other, "--approve", "--reason", "recompté")["state"] == "approved"

    def test_a_partial_deposit(self, ask: Any, sent: Any) -> None:
        """What is ready goes in, the rest is named, and another choice of rows is another deposit."""
        refused = sent(FAULTY, code=1)
        assert (refused["state"], refused["submission_id"]) == ("refused", None)
        part = sent(FAULTY, "--partial")
        assert (part["rows"], part["new"], part["left"]) == (1, 1, 1)
        assert {issue["code"] for issue in part["issues"] if issue["severity"] == "blocking"} == {"missing_denominator"}
        assert sent(FAULTY, "--partial")["already_deposited_at"] == part["at"]

    def test_a_file_with_personal_data_has_no_partial_deposit(self, sent: Any) -> None:
        named = csv_file(
            LINE.format("DRO-01", "", "", 95) + "lea.martin@exemple.fr", LINE.format("JEU-01", 38, 130, "")
        )
        assert sent(named, "--partial", code=1)["state"] == "refused"

    def test_a_territory_chooses_approval_at_once(self, ask: Any, sent: Any) -> None:
        """Of a deposit without any warning."""
        assert ask("territory", VALFLEURI, "--approve-at-once", "yes")["approve_at_once"] is True
        assert sent(FIRST)["state"] == "submitted", "an indicator is missing: a warning"
        whole = csv_file(
            *(
                LINE.format(code, *parts)
                for code, *parts in (
                    ("DRO-01", "", "", 95),
                    ("DRO-02", 119, 180, ""),
                    ("DRO-05", "", "", 11),
                    ("JEU-01", 38, 130, ""),
                    ("PAR-02", 23, 41, ""),
                )
            )
        )
        assert sent(whole)["state"] == "approved"
        assert "NOWHERE" in ask("territory", "FR-00-NOWHERE", "--approve-at-once", "yes", code=2)


class TestAsOf:
    """Every command that answers figures can be asked as of a moment."""

    def test_a_receipt_is_the_same_after_later_approvals(self, ask: Any, sent: Any) -> None:
        """What a pending deposit would change is told as of the moment asked."""
        number = sent(FIRST)["submission_id"]
        at = ask("receipt", number)["at"]
        before = ask("receipt", number, "--as-of", at)
        sent(csv_file(LINE.format("DRO-01", "", "", 97)), "--approve")
        assert ask("receipt", number, "--as-of", at) == before
        assert ask("receipt", number)["changes"] != before["changes"]

    @pytest.mark.parametrize("text", ["soon", "0001-01-01T00:00:00+14:00", "2026-13-01"])
    def test_a_moment_that_is_none_is_said(self, ask: Any, text: str) -> None:
        assert "--as-of" in ask("observations", "--as-of", text, code=2)

    @pytest.mark.parametrize("command", ["observations", "progress", "rounds", "submissions"])
    def test_a_territory_that_there_is_not_is_said(self, ask: Any, command: str) -> None:
        assert "Territoire inconnu" in ask(command, "--territory", "FR-00-NOWHERE", code=2)

    def test_what_was_known_then(self, ask: Any, sent: Any) -> None:
        before = {
            name: ask(name, "--territory", VALFLEURI, "--as-of", "2026-11-01")
            for name in ("observations", "progress", "submissions", "rounds")
        }
        sent(FIRST, "--approve")
        for name, found in before.items():
            assert ask(name, "--territory", VALFLEURI, "--as-of", "2026-11-01") == found, name
        assert ask("submissions", "--territory", VALFLEURI) != before["submissions"]

    def test_a_receipt_as_of_a_day(self, ask: Any, run: Run, demo_path: Path) -> None:
        log = ask("submissions", "--territory", "FR-99-TILLEULS")["submissions"]
        number = log[0]["submission_id"]
        assert ask("receipt", number, "--as-of", "2026-11-01")["state"] == "approved"
        ask("withdraw", number, "--reason", "erreur")
        assert ask("receipt", number, "--as-of", "2026-11-01")["state"] == "approved"
        assert ask("receipt", number)["state"] == "withdrawn"
        assert number in ask("receipt", number, "--as-of", "2023-01-01", code=2)


class TestAudit:
    def test_every_write_with_who_and_to_what(self, ask: Any, sent: Any) -> None:
        number = sent(FIRST)["submission_id"]
        ask("approve", number, "--by", "coordinator", "--reason", "vu avec Alix Martin")
        rows = ask("audit")["audit"]
        assert [(row["account_id"], row["action"], row["subject"]) for row in rows[-2:]] == [
            ("officer", "deposit", number),
            ("coordinator", "approve", number),
        ]
        assert "Alix" not in str(rows)
        assert ask("audit", "--since", "2026-11-23")["audit"] == rows[-2:]
        assert "soon" in ask("audit", "--since", "soon", code=2)


class TestRounds:
    def test_where_each_territory_stands(self, ask: Any, sent: Any) -> None:
        """A late deposit is accepted and marked; an unknown quarter is said."""
        rows = {row["territory_code"]: row for row in ask("rounds", "--round", "2026-Q3")["rounds"]}
        assert (rows[VALFLEURI]["state"], rows[VALFLEURI]["expected"], rows[VALFLEURI]["is_late"]) == (
            "awaited",
            5,
            True,
        )
        assert rows["FR-99-LILAS"]["completeness"] == rows["FR-99-LILAS"]["timeliness"] == 100.0
        sent(FIRST, "--approve")
        row = ask("rounds", "--territory", VALFLEURI)["rounds"][0]
        assert (row["delivered"], row["validated"], row["on_time"], row["completeness"]) == (2, 2, 0, 40.0)
        assert "2026-Q9" in ask("rounds", "--round", "2026-Q9", code=2)


class TestAccounts:
    """`account ...`: the first administrator and the others."""

    def test_from_the_first_administrator_on(self, ask: Any) -> None:
        first = ask("account", "create", "--email", "alix@example.org", "--name", "Alix Martin")
        assert first["link"].startswith("http://127.0.0.1:8501/invitation/")
        person = ("--email", "bo@example.org", "--name", "Bo")
        ask("account", "invite", *person, "--role", "coordinator", "--territory", VALFLEURI)
        listed = ask("account", "list")["accounts"]
        assert [(one["name"], [right["role"] for right in one["rights"]]) for one in listed] == [
            ("Alix Martin", ["administrator"]),
            ("Bo", ["coordinator"]),
        ]
        assert ask("account", "link", "--email", "bo@example.org")["link"] != first["link"]
        ask("account", "revoke", "--email", "bo@example.org", "--role", "coordinator", "--territory", VALFLEURI)
        assert ask("account", "close", "--email", "BO@example.org")["closed"] is True

    @pytest.mark.parametrize(
        "arguments",
        [
            pytest.param(("create", "--email", "no address", "--name", "X"), id="no_address"),
            pytest.param(("link", "--email", "nobody@example.org"), id="nobody"),
            pytest.param(
                ("invite", "--email", "a@example.org", "--name", "A", "--role", "officer"), id="role_without_territory"
            ),
        ],
    )
    def test_what_cannot_be_done_is_said_in_one_line(self, ask: Any, arguments: tuple[str, ...]) -> None:
        assert len(ask("account", *arguments, code=2)) > 20
        assert ask("account", "list")["accounts"] == []
