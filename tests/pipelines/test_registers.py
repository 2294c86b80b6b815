"""Registers through the same door: known by their headings, every fault located, what moves told, versions kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sent_files import NOW, ROOT, TILLEULS, csv_file, located, xlsx_file

from pipelines.read import read_document
from pipelines.registers import recognise_register, view_register
from schemas.catalogue import Catalogue, column_types
from schemas.issue import Code, UnreadableFile
from schemas.observation import OBSERVATION_COLUMNS
from schemas.registers import ACTIONS, EVENTS, LOCAL_INDICATORS, MILESTONES, PARTNERS, REGISTERS, TARGETS, Register
from schemas.submission import PreparedSubmission
from texts import load_words
from texts.sentences import say_issue

DEPOSITS = sorted(path for folder in ("files", "to-deposit") for path in (ROOT / "data/demo" / folder).iterdir())
Prepare = Callable[..., PreparedSubmission]
ACTION = "code_action;intitule;code_objectif;pilote;partenaires;debut;fin_prevue;etat;avancement;participants_trimestre"
MILESTONE = "code_action;code_jalon;libelle;date_prevue;date_reelle;etat"
PARTNER = "code_partenaire;nom;type;siret;role"
EVENT = "date;libelle;code_indicateur;type"
TARGET = (
    "code_objectif;intitule;population_visee;code_indicateur;ref_periode;ref_valeur;ref_numerateur;ref_denominateur;"
    "type_cible;cible;echeance;forme;paliers;reunion_decision"
)
WATCH = (
    "code_objectif;intitule;population_visee;code_indicateur;code_quartier;ventilation;modalite;type_cible;"
    "reunion_decision"
)
GOAL = "O1;Des jeunes accompagnés jusqu’à une solution;Jeunes de 16 à 25 ans suivis par la mission locale;JEU-01"
START = "2023-T4;22,0833;53;240"
FOLLOWED = f"{GOAL};;;;suivi;06/02/2024"
SHEET = ";".join(column.heading for column in LOCAL_INDICATORS.columns)
SAID = {
    "code_territoire": "",
    "code_indicateur": "FR-99-TILLEULS:JEU-L01",
    "defi": "JEU",
    "libelle": "Jeunes qui ont un parrain",
    "question": "Combien de jeunes ont un parrain ?",
    "definition": "Jeunes suivis qui ont un parrain au dernier jour",
    "numerateur": "Jeunes suivis ayant un parrain",
    "denominateur": "Jeunes suivis",
    "nom_numerateur": "Jeunes parrainés",
    "nom_denominateur": "Jeunes suivis",
    "unite": "pourcent",
    "sens": "hausse",
    "niveau": "participants",
    "base_temps": "fin_periode",
    "frequence": "trimestre",
    "source": "Centre social",
    "type_source": "comptage",
    "methode": "comptage",
    "unite_comptee": "personne",
    "valable_du": "01/01/2026",
}


def sheet(**said: str) -> str:
    return ";".join({**SAID, **said}.get(heading, "") for heading in SHEET.split(";"))


def changes(prepared: PreparedSubmission) -> list[tuple[Any, ...]]:
    return prepared.changes.drop("source_row").rows()


def rewritten(catalogue: Catalogue, prepared: PreparedSubmission) -> Catalogue:
    """The catalogue after a deposit."""
    tables = catalogue.tables()
    for table, rows in prepared.tables.items():
        tables[table] = pl.concat([tables[table], rows])
    return Catalogue(**tables)


def fiscal(catalogue: Catalogue) -> Catalogue:
    """All its sources are fiscal: no starting point is for the territory that has it."""
    indicators = catalogue.indicators.with_columns(source_kind=pl.lit("fiscal"))
    return Catalogue(**{**catalogue.tables(), "indicators": indicators})


def with_local(catalogue: Catalogue) -> Catalogue:
    """With a local indicator of Les Lilas and one of Les Tilleuls."""
    one = catalogue.indicators.filter(indicator_code="JEU-01")
    codes = ("FR-99-LILAS:JEU-L01", "FR-99-TILLEULS:DRO-L01")
    local = [
        one.with_columns(indicator_code=pl.lit(code), scope=pl.lit("local"), label_fr=pl.lit(code[-7:] + " parrains"))
        for code in codes
    ]
    return Catalogue(**{**catalogue.tables(), "indicators": pl.concat([catalogue.indicators, *local])})


class TestRecognised:
    """By headings alone: figures are never a register, a register never figures."""

    @pytest.mark.parametrize("register", REGISTERS, ids=lambda one: one.code)
    def test_each_by_its_own_template(self, register: Register) -> None:
        """All of its columns, or those that it must have."""
        assert recognise_register([column.heading for column in register.columns]) is register
        assert recognise_register([column.heading for column in register.columns if column.required]) is register

    @pytest.mark.parametrize(
        ("headings", "register"),
        [
            pytest.param(["Code action", "Intitulé", "Code(s) objectif(s)"], ACTIONS, id="accents_and_plurals"),
            pytest.param(["code_objectif", "code_indicateur", "cible"], TARGETS, id="columns_missing"),
            pytest.param(["date", "libelle", "type"], EVENTS, id="three_short_headings"),
            pytest.param(["date", "libelle", "type", "valeur"], None, id="a_value_is_a_figure"),
            pytest.param(["code_action", "periode", "participants"], None, id="a_period_is_of_figures"),
            pytest.param([column.heading for column in OBSERVATION_COLUMNS], None, id="observations"),
            pytest.param(["code_territoire", "code_indicateur", "source"], None, id="observations_cut_short"),
        ],
    )
    def test_headings(self, headings: list[str], register: Register | None) -> None:
        assert recognise_register(["source_row", *headings]) is register

    @pytest.mark.parametrize("path", DEPOSITS, ids=lambda path: path.name)
    def test_no_deposit_of_the_demonstration_is_one(self, path: Path) -> None:
        table = read_document(path.read_bytes(), path.name).table
        assert recognise_register(table.columns) is None

    def test_no_real_file_is_one(self, cases: Path) -> None:
        """Whatever can be read of the cases."""
        taken = {}
        for path in sorted(one for one in cases.rglob("*") if one.is_file() and one.stat().st_size < 3_000_000):
            try:
                table = read_document(path.read_bytes(), path.name).table
            except UnreadableFile:
                continue
            if register := recognise_register(table.columns):
                taken[path.name] = register.code
        assert taken == {}


CLEAN = [
    pytest.param(
        csv_file("A01;Permanence du mercredi à la mission locale;O1;P2;;06/11/2024;;terminee;100;12", headings=ACTION),
        "actions",
        [
            (
                "changed",
                "A01 Permanence du mercredi à la mission locale",
                '{"state": "en_cours", "progress": "", "participants": ""}',
                '{"state": "terminee", "progress": "100", "participants": "12"}',
            )
        ],
        id="actions",
    ),
    pytest.param(
        csv_file("A02;J2;Vingt parrains formés;2026-09-30;;a_venir", "A02;J3;Trente;31/12/2026;;", headings=MILESTONE),
        "milestones",
        [
            ("unchanged", "A02 J2 Vingt parrains formés", "", ""),
            ("new", "A02 J3 Trente", "", '{"planned_on": "2026-12-31", "state": "a_venir"}'),
        ],
        id="milestones",
    ),
    pytest.param(
        csv_file("P2;Mission locale de Démo;association;130 005 481 00010;partenaire", headings=PARTNER),
        "partners",
        [("changed", "P2 Mission locale de Démo", '{"siret": ""}', '{"siret": "13000548100010"}')],
        id="partners",
    ),
    pytest.param(
        csv_file(
            "05/01/2026;Guichet de France services fermé six semaines;DRO-02;local", "12/10/2026;Tram;;", headings=EVENT
        ),
        "events",
        [
            ("unchanged", "Guichet de France services fermé six semaines", "", ""),
            ("new", "Tram", "", '{"occurred_on": "2026-10-12", "kind": "local"}'),
        ],
        id="events",
    ),
    pytest.param(
        csv_file(sheet(), headings=SHEET),
        "local_indicators",
        [
            (
                "new",
                "FR-99-TILLEULS:JEU-L01 Jeunes qui ont un parrain",
                "",
                '{"challenge_code": "JEU", "question": "Combien de jeunes ont un parrain ?", '
                '"definition": "Jeunes suivis qui ont un parrain au dernier jour", '
                '"numerator": "Jeunes suivis ayant un parrain", "denominator": "Jeunes suivis", '
                '"numerator_noun": "Jeunes parrainés", "denominator_noun": "Jeunes suivis", "unit": "percent", '
                '"decimals": "0", "polarity": "increase", "level": "participants", "time_basis": "stock_end", '
                '"frequency": "quarter", "delay_months": "1", "source": "Centre social", "source_kind": "own_count", '
                '"collection_method": "count", "counted_unit": "person", "k_threshold": "5", '
                '"valid_from": "2026-01-01"}',
            )
        ],
        id="local_indicators",
    ),
    pytest.param(
        csv_file(f"{GOAL};{START};au_moins;32;2027-T4;;;02/07/2026", headings=TARGET),
        "targets",
        [
            (
                "changed",
                "O1 Des jeunes accompagnés jusqu’à une solution : "
                "Jeunes suivis par la mission locale en emploi ou en formation",
                '{"target_value": "30", "decided_on": "2024-02-06"}',
                '{"target_value": "32", "decided_on": "2026-07-02"}',
            )
        ],
        id="targets",
    ),
]


@pytest.mark.parametrize(("content", "kind", "expected"), CLEAN)
def test_a_clean_file_says_what_it_changes(
    content: bytes, kind: str, expected: list[tuple[str, ...]], prepare: Prepare
) -> None:
    """Line by line; the columns that it has not stay as they are."""
    prepared = prepare(content)
    assert prepared.issues == ()
    assert prepared.is_ready
    assert (prepared.kind, prepared.row_count, prepared.territories) == (kind, len(expected), (TILLEULS,))
    assert changes(prepared) == expected
    for table, rows in prepared.tables.items():
        assert dict(rows.schema) == column_types(table)


@pytest.mark.parametrize(
    ("is_fiscal", "start"),
    [
        pytest.param(False, ("50", "30", "60"), id="told"),
        pytest.param(True, ("secret", "secret", "secret"), id="fiscal"),
    ],
)
def test_a_new_target_says_all_that_counts(
    is_fiscal: bool, start: tuple[str, ...], prepare: Prepare, catalogue: Catalogue
) -> None:
    """Its aim, its start and its term, so that another figure is another difference to confirm."""
    line = "O9;Des parents écoutés;Parents;DRO-02;2025-T4;;30;60;au_moins;60;2028-T4;;;02/07/2026"
    prepared = prepare(csv_file(line, headings=TARGET), catalogue=fiscal(catalogue) if is_fiscal else catalogue)
    ((change, _, before, after),) = changes(prepared)
    assert (change, before) == ("new", "")
    assert json.loads(after) == {
        "target_population": "Parents",
        "ref_period": "2025-Q4",
        **dict(zip(("ref_value", "ref_numerator", "ref_denominator"), start, strict=True)),
        "kind": "at_least",
        "target_value": "60",
        "due_period": "2028-Q4",
        "shape": "linear",
        "decided_on": "2026-07-02",
        "meeting_kind": "steering",
    }


SHELF = [
    pytest.param(
        csv_file("A1;x;O9;P7;P1,P8;32/01/2024;;fini;150;-2", headings=ACTION),
        [
            ("out_of_range", "avancement", "150"),
            ("wrong_code", "code_action", "A1"),
            ("unknown_reference", "code_objectif", "O9"),
            ("unreadable_date", "debut", "32/01/2024"),
            ("unknown_word", "etat", "fini"),
            ("unknown_reference", "partenaires", "P8"),
            ("out_of_range", "participants_trimestre", "-2"),
            ("unknown_reference", "pilote", "P7"),
        ],
        id="an_action_all_wrong",
    ),
    pytest.param(
        csv_file(f"A07;{'x' * 121};;;;01/02/2026;01/01/2026;en_cours;a;", headings=ACTION),
        [
            ("unreadable_number", "avancement", "a"),
            ("dates_out_of_order", "fin_prevue", "01/01/2026"),
            ("too_long", "intitule", "x" * 40 + "…"),
        ],
        id="an_action_that_ends_before_it_begins",
    ),
    pytest.param(
        csv_file("A07;x;;;;;;;;", headings=ACTION), [("missing_value", "etat", "")], id="a_cell_that_is_needed"
    ),
    pytest.param(
        csv_file("FR-99-LILAS;A07;x;idee", headings="code_territoire;code_action;intitule;etat"),
        [("wrong_territory", "code_territoire", "FR-99-LILAS")],
        id="of_another_territory",
    ),
    pytest.param(
        csv_file("A07;x;idee;rouge", headings="code_action;intitule;etat;couleur"),
        [("unknown_column", "couleur", None)],
        id="a_column_that_is_not_known",
    ),
    pytest.param(
        csv_file("A07;x", headings="code_action;intitulé"), [("missing_column", None, None)], id="a_column_missing"
    ),
    pytest.param(
        csv_file("A55;JX;c;1/1/26;;", headings=MILESTONE),
        [
            ("unknown_reference", "code_action", "A55"),
            ("wrong_code", "code_jalon", "JX"),
            ("unreadable_date", "date_prevue", "1/1/26"),
        ],
        id="a_milestone_of_no_action",
    ),
    pytest.param(
        csv_file("P99;Ccas;ccas;12345678901234;", headings=PARTNER),
        [("invalid_siret", "siret", "12345678901234"), ("unknown_word", "type", "ccas")],
        id="a_siret_that_does_not_check",
    ),
    pytest.param(
        csv_file("P99;La Poste;entreprise;35600000049837;", headings=PARTNER), [], id="la_poste_has_a_key_of_its_own"
    ),
    pytest.param(
        csv_file("06/01/2026;Tram;DRO-02|DRO-99;local", headings=EVENT),
        [("unknown_indicator", "code_indicateur", "DRO-99")],
        id="an_event_of_no_indicator",
    ),
    pytest.param(
        csv_file(sheet(code_indicateur="JEU-L01", defi="XXX", denominateur=""), headings=SHEET),
        [
            ("wrong_code", "code_indicateur", "JEU-L01"),
            ("unknown_reference", "defi", "XXX"),
            ("missing_value", "denominateur", ""),
        ],
        id="a_sheet_with_holes",
    ),
    pytest.param(
        csv_file(sheet(code_indicateur="FR-99-LILAS:JEU-L01"), headings=SHEET),
        [("wrong_code", "code_indicateur", "FR-99-LILAS:JEU-L01")],
        id="an_indicator_of_another_territory",
    ),
    pytest.param(
        csv_file(sheet(seuil_secret="4"), headings=SHEET), [("out_of_range", "seuil_secret", "4")], id="less_than_5"
    ),
    pytest.param(
        csv_file(sheet(seuil_secret="10", type_source="fiscal"), headings=SHEET),
        [("out_of_range", "seuil_secret", "10")],
        id="less_than_11_of_a_fiscal_source",
    ),
    pytest.param(
        csv_file(f"{GOAL};;;;;au_moins;;;;;02/07/2026", headings=TARGET),
        [
            ("incomplete_target", "cible", ""),
            ("incomplete_target", "echeance", ""),
            ("incomplete_target", "ref_periode", ""),
            ("incomplete_target", "ref_valeur", ""),
        ],
        id="a_target_without_start_or_end",
    ),
    pytest.param(
        csv_file(f"{GOAL};2023-T4;22,0833;;;au_moins;20;2027-T4;;;02/07/2026", headings=TARGET),
        [("target_against_start", "cible", "20")],
        id="a_target_met_before_it_begins",
    ),
    pytest.param(
        csv_file(f"{GOAL};{START};au_plus;20;2027-T4;;;02/07/2026", headings=TARGET),
        [("target_against_direction", "type_cible", "au_plus")],
        id="a_target_the_other_way",
    ),
    pytest.param(
        csv_file(f"{GOAL};2023-T4;40;53;240;au_moins;45;2023-T2;;;02/07/2027", headings=TARGET),
        [
            ("dates_out_of_order", "echeance", "2023-T2"),
            ("value_disagrees", "ref_valeur", "40"),
            ("dates_out_of_order", "reunion_decision", "02/07/2027"),
        ],
        id="a_start_that_disagrees_and_days_out_of_order",
    ),
    pytest.param(
        csv_file(f"{GOAL};{START};au_moins;30;2027-T4;;;01/02/2024", headings=TARGET), [], id="the_same_told_before"
    ),
    pytest.param(
        csv_file(f"{GOAL};{START};au_moins;31;2027-T4;;;01/02/2024", headings=TARGET),
        [("dates_out_of_order", "reunion_decision", "01/02/2024")],
        id="a_revision_before_what_it_revises",
    ),
    pytest.param(
        csv_file(f"{GOAL};{START};au_moins;30;2027-T4;paliers;;02/07/2026", headings=TARGET),
        [("incomplete_target", "paliers", "")],
        id="steps_missing",
    ),
    pytest.param(
        csv_file(f"{GOAL};{START};au_moins;30;2027-T4;paliers;2025=;02/07/2026", headings=TARGET),
        [("wrong_steps", "paliers", "2025=")],
        id="steps_unreadable",
    ),
    pytest.param(
        csv_file(
            f"{GOAL};{START};au_moins;30;2027-T4;paliers;2025-T2=24|2025-T2=26|2028-T1=29;02/07/2026", headings=TARGET
        ),
        [
            ("wrong_steps", "paliers", "2025-T2=24|2025-T2=26|2028-T1=29"),
            ("wrong_steps", "paliers", "2025-T2=24|2025-T2=26|2028-T1=29"),
        ],
        id="steps_twice_and_too_late",
    ),
    pytest.param(
        csv_file(f"{GOAL};2023-T4;0;0;240;au_moins;30;2027-T4;geometrique;;02/07/2026", headings=TARGET),
        [("wrong_shape", "forme", "geometrique")],
        id="growth_from_nothing",
    ),
    pytest.param(
        csv_file(f"{GOAL};2023;0,22;a;1,234;au_moins;30;fin 2027;;;02/07/2026", headings=TARGET),
        [
            ("unreadable_period", "echeance", "fin 2027"),
            ("unreadable_number", "ref_denominateur", "1,234"),
            ("unreadable_number", "ref_numerateur", "a"),
            ("wrong_frequency", "ref_periode", "2023"),
            ("maybe_fraction", "ref_valeur", "0,22"),
        ],
        id="figures_as_in_observations",
    ),
    pytest.param(
        csv_file(
            "O2;x;y;JEU-99;QN99902M;couleur;rouge;suivi;06/02/2024",
            "O4;x;y;JEU-01;;sexe;filles;suivi;06/02/2024",
            headings=WATCH,
        ),
        [
            ("unknown_indicator", "code_indicateur", "JEU-99"),
            ("unknown_quartier", "code_quartier", "QN99902M"),
            ("unknown_category", "ventilation", "couleur"),
            ("unknown_category", "modalite", "filles"),
        ],
        id="a_target_of_nowhere",
    ),
    pytest.param(
        csv_file(FOLLOWED, FOLLOWED.replace("accompagnés", "suivis"), headings=WATCH),
        [
            ("duplicate_key", "code_indicateur", "JEU-01"),
            ("goal_disagrees", "code_objectif", "O1"),
            ("duplicate_key", "code_indicateur", "JEU-01"),
            ("goal_disagrees", "code_objectif", "O1"),
        ],
        id="a_goal_of_two_names",
    ),
]
OF_REGISTERS = list(Code)[list(Code).index(Code.UNKNOWN_REFERENCE) : list(Code).index(Code.MAYBE_FRACTION)]


@pytest.mark.parametrize(("content", "expected"), SHELF)
def test_a_fault_stands_at_its_cell(content: bytes, expected: list[tuple[str, ...]], prepare: Prepare) -> None:
    """Code, column and cell as in the file; each has its sentence in both languages."""
    prepared = prepare(content)
    assert [(code, column, found) for code, _, column, found in located(prepared.issues)] == expected
    assert all(say_issue(load_words(language), issue) for language in ("fr", "en") for issue in prepared.issues)
    assert not prepared.blocking or prepared.tables == {}


def test_a_goal_needs_a_vision(prepare: Prepare, catalogue: Catalogue) -> None:
    """And who sends it is told whom to ask."""
    without = Catalogue(**{**catalogue.tables(), "visions": catalogue.visions.clear()})
    prepared = prepare(csv_file(FOLLOWED, headings=WATCH), catalogue=without)
    assert located(prepared.issues) == [("no_vision", 2, "code_objectif", "O1")]


def test_every_code_of_registers_has_its_file() -> None:
    met = {code for param in SHELF for code, *_ in param.values[1]} | {Code.NO_VISION.value}
    assert {code.value for code in OF_REGISTERS} <= met


class TestPersons:
    """The whole file passes the check; a partners register may say « nom »."""

    def test_a_name_of_an_organisation(self, prepare: Prepare) -> None:
        assert prepare(csv_file("P9;Association Jean Moulin;association;;", headings=PARTNER)).issues == ()

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            pytest.param(
                csv_file("P9;Centre social;association;;Zoé : 06 12 34 56 78", headings=PARTNER),
                "personal_data",
                id="a_telephone",
            ),
            pytest.param(
                csv_file("P9;Centre social;association;z@example.org", headings="code_partenaire;nom;type;mail"),
                "personal_data",
                id="a_contact_person",
            ),
            pytest.param(
                csv_file("A09;x;idee;Zoé", headings="code_action;intitule;etat;nom"),
                "personal_data",
                id="nom_elsewhere",
            ),
            pytest.param(
                csv_file("A09;Atelier avec Mme Martin;;;;;;idee;;", headings=ACTION),
                "maybe_personal_data",
                id="a_title",
            ),
        ],
    )
    def test_a_person_is_found(self, content: bytes, code: str, prepare: Prepare) -> None:
        prepared = prepare(content)
        assert code in {issue.code for issue in prepared.issues}
        assert (prepared.content == b"") == (code == "personal_data")

    def test_long_registers_are_not_taken_for_lists_of_persons(self, prepare: Prepare) -> None:
        """Forty organisations, forty old events."""
        partners = [f"P{n};Maison Roland {chr(65 + n % 26)}{chr(97 + n // 26)};association;;" for n in range(10, 50)]
        events = [f"{n % 28 + 1:02}/0{n % 9 + 1}/2025;Fête de rue {n};;local" for n in range(40)]
        assert prepare(csv_file(*partners, headings=PARTNER)).is_ready
        assert prepare(csv_file(*events, headings=EVENT)).issues == ()


class TestWhatIsAdded:
    """The rows that the catalogue gains."""

    def test_a_column_that_the_file_has_not_keeps_what_it_says(self, prepare: Prepare) -> None:
        """And one that is there and empty empties it."""
        short = prepare(csv_file("A01;Permanence;en_pause", headings="code_action;intitule;etat")).tables["actions"]
        assert short.select("goal_codes", "lead_partner_code", "state").rows() == [("O1", "P2", "en_pause")]
        emptied = prepare(csv_file("A01;Permanence;en_pause;", headings="code_action;intitule;etat;pilote"))
        assert emptied.tables["actions"]["lead_partner_code"].to_list() == [None]

    def test_a_revised_target_is_a_new_version_with_its_meeting(self, prepare: Prepare, catalogue: Catalogue) -> None:
        prepared = prepare(csv_file(f"{GOAL};{START};au_moins;32;2027-T4;;;02/07/2026", headings=TARGET))
        (row,) = prepared.tables["targets"].to_dicts()
        assert (row["target_version"], row["target_value"]) == (2, 32.0)
        assert (row["decided_on"], row["meeting_kind"]) == (date(2026, 7, 2), "steering")
        assert prepared.tables.keys() == {"targets"}
        again = rewritten(catalogue, prepared)
        twice = prepare(csv_file(f"{GOAL};{START};au_moins;33;2027-T4;;;10/09/2026", headings=TARGET), catalogue=again)
        assert twice.tables["targets"]["target_version"].to_list() == [3]

    def test_a_goal_called_otherwise_is_no_revision_of_its_target(self, prepare: Prepare) -> None:
        """Its English title follows the French one."""
        line = f"{GOAL};{START};au_moins;30;2027-T4;;;02/07/2026".replace("accompagnés", "soutenus")
        tables = prepare(csv_file(line, headings=TARGET)).tables
        title = "Des jeunes soutenus jusqu’à une solution"
        assert tables.keys() == {"goals"}
        assert tables["goals"].select(
            "goal_code", "title_fr", "title_en", "challenge_code", "vision_version"
        ).rows() == [("O1", title, title, "JEU", 1)]

    def test_a_new_goal_is_of_the_priority_challenge_and_the_latest_vision(self, prepare: Prepare) -> None:
        """Its rate is computed from its parts."""
        line = "O9;Des parents écoutés;Parents;DRO-02;2025-T4;;30;60;au_moins;60;2028-T4;;;02/07/2026"
        tables = prepare(csv_file(line, headings=TARGET)).tables
        assert tables["goals"].select("challenge_code", "vision_version").rows() == [("JEU", 1)]
        assert tables["targets"].select("target_version", "ref_value", "qpv_code", "category").rows() == [
            (1, 50.0, "", "")
        ]

    def test_a_sheet_that_moves_says_why_and_is_a_new_version(self, prepare: Prepare, catalogue: Catalogue) -> None:
        known = rewritten(catalogue, prepare(csv_file(sheet(), headings=SHEET)))
        assert changes(prepare(csv_file(sheet(), headings=SHEET), catalogue=known))[0][0] == "unchanged"
        mute = prepare(csv_file(sheet(source="CAF"), headings=SHEET), catalogue=known)
        assert located(mute.issues) == [("missing_value", 2, "motif_changement", "")]
        told = sheet(source="CAF", motif_changement="La CAF compte", valable_du="01/10/2026", rupture_serie="oui")
        (row,) = prepare(csv_file(told, headings=SHEET), catalogue=known).tables["indicators"].to_dicts()
        assert (row["version"], row["source_fr"], row["change_reason"]) == (2, "CAF", "La CAF compte")
        assert (row["breaks_series"], row["scope"], row["valid_from"]) == (True, "local", date(2026, 10, 1))

    @pytest.mark.parametrize(
        ("said", "derived"),
        [
            pytest.param({}, ("ratio_of_sums", "required", False, 100.0, True, 5, "jeunes suivis"), id="a_percentage"),
            pytest.param(
                {"unite": "nombre", "base_temps": "cumul", "denominateur": "", "nom_denominateur": ""},
                ("sum", "none", True, None, True, 5, "jeunes parrainés"),
                id="persons_as_they_come",
            ),
            pytest.param(
                {"unite": "note", "type_source": "fiscal"},
                ("none", "none", False, 10.0, False, 11, "jeunes suivis"),
                id="a_note_of_a_fiscal_source",
            ),
        ],
    )
    def test_the_rest_of_a_sheet_is_derived(
        self, said: dict[str, str], derived: tuple[object, ...], prepare: Prepare
    ) -> None:
        (row,) = prepare(csv_file(sheet(**said), headings=SHEET)).tables["indicators"].to_dicts()
        names = (
            "aggregation",
            "components",
            "persons_unique",
            "valid_max",
            "has_interval",
            "k_threshold",
            "unit_noun_fr",
        )
        assert tuple(row[name] for name in names) == derived

    def test_a_partner_is_one_from_the_day_it_was_first_told(self, prepare: Prepare) -> None:
        lines = ("P2;Mission locale;association;;", "P9;CAF;caf;;")
        rows = (
            prepare(csv_file(*lines, headings=PARTNER)).tables["partners"].select("partner_code", "valid_from").rows()
        )
        assert rows == [("P2", date(2023, 9, 1)), ("P9", NOW.date())]

    def test_an_event_is_withdrawn_and_comes_back(self, prepare: Prepare, catalogue: Catalogue) -> None:
        line, headings = "05/01/2026;Guichet de France services fermé six semaines", "date;libelle;type;retire"
        gone = prepare(csv_file(f"{line};local;oui", headings=headings))
        assert gone.tables["events"]["is_withdrawn"].to_list() == [True]
        back = prepare(csv_file(f"{line};local;non", headings=headings), catalogue=rewritten(catalogue, gone))
        assert back.tables["events"]["is_withdrawn"].to_list() == [False]

    def test_the_start_of_a_fiscal_figure_is_not_told(self, prepare: Prepare, catalogue: Catalogue) -> None:
        """Nor lost: the sign of a secret keeps what is there."""
        known = fiscal(catalogue)
        line = f"{GOAL};2023-T4;s;s;s;au_moins;32;2027-T4;;;02/07/2026"
        prepared = prepare(csv_file(line, headings=TARGET), catalogue=known)
        assert prepared.tables["targets"]["ref_value"].to_list() == [22.0833]
        told = prepare(csv_file(line.replace(";s;s;s;", ";22,5;54;240;"), headings=TARGET), catalogue=known).changes
        assert '"ref_value": "secret"' in told["before"][0]
        assert '"ref_value": "secret"' in told["after"][0]


LOCAL_OF_LILAS, OWN_LOCAL = "FR-99-LILAS:JEU-L01", "FR-99-TILLEULS:DRO-L01"


class TestOthers:
    """Nobody learns from a refusal what another territory has."""

    @pytest.mark.parametrize(
        ("line", "headings"),
        [
            pytest.param("A07;x;O1;P1;P1,P99;;;idee;;", ACTION, id="an_action"),
            pytest.param("A99;J1;x;2026-12-31;;a_venir", MILESTONE, id="a_milestone_of_no_action"),
            pytest.param("A01;J1;x;2026-12-31;;a_venir", MILESTONE, id="a_milestone_of_an_action"),
            pytest.param(f"05/01/2026;x;{LOCAL_OF_LILAS};local", EVENT, id="an_event_of_a_local_indicator"),
            pytest.param("05/01/2026;x;FR-99-LILAS:JEU-L99;local", EVENT, id="an_event_of_none"),
        ],
    )
    def test_a_row_of_another_territory_says_only_that(
        self, line: str, headings: str, prepare: Prepare, catalogue: Catalogue
    ) -> None:
        """Whether its codes are there or not."""
        content = csv_file(f"FR-99-LILAS;{line}", headings=f"code_territoire;{headings}")
        prepared = prepare(content, catalogue=with_local(catalogue))
        assert located(prepared.issues) == [("wrong_territory", 2, "code_territoire", "FR-99-LILAS")]
        assert "known" not in prepared.issues.frame.columns

    @pytest.mark.parametrize(
        ("content", "nearest"),
        [
            pytest.param(csv_file(f"05/01/2026;x;{LOCAL_OF_LILAS};local", headings=EVENT), OWN_LOCAL, id="an_event"),
            pytest.param(
                csv_file(f"O1;x;y;{LOCAL_OF_LILAS};;;;suivi;06/02/2024", headings=WATCH), OWN_LOCAL, id="a_target"
            ),
            pytest.param(
                csv_file("O1;x;y;JEU-L01 parrains;;;;suivi;06/02/2024", headings=WATCH), "", id="by_its_label"
            ),
            pytest.param(
                csv_file("O1;x;y;FR-99-TILLEULS:DRO-L02;;;;suivi;06/02/2024", headings=WATCH),
                OWN_LOCAL,
                id="near_to_their_own",
            ),
            pytest.param(
                csv_file(f"{TILLEULS};;{LOCAL_OF_LILAS};2026-T2;total;;38;142;26,8;normal;;;;;Mission locale;"),
                OWN_LOCAL,
                id="a_figure",
            ),
            pytest.param(
                csv_file(f"{TILLEULS};;FR-99-LILAS:JEU-L02;2026-T2;total;;38;142;26,8;normal;;;;;Mission locale;"),
                OWN_LOCAL,
                id="a_figure_of_a_code_near_to_it",
            ),
        ],
    )
    def test_a_local_indicator_of_others_is_unknown(
        self, content: bytes, nearest: str, prepare: Prepare, catalogue: Catalogue
    ) -> None:
        """As a code that is nowhere; what is proposed is what the sender has."""
        found = prepare(content, catalogue=with_local(catalogue)).issues.of_code(Code.UNKNOWN_INDICATOR)
        assert [issue.context.get("nearest", "") for issue in found] == [nearest]

    def test_their_own_is_taken(self, prepare: Prepare, catalogue: Catalogue) -> None:
        content = csv_file("05/01/2026;x;FR-99-TILLEULS:DRO-L01|DRO-02;local", headings=EVENT)
        assert prepare(content, catalogue=with_local(catalogue)).issues == ()


class TestSecretStart:
    """A start that its territory may not read is not found by trying: what compares with it is accepted."""

    @pytest.mark.parametrize(
        "start",
        [
            pytest.param("2023-T4;s;s;s;au_moins;{}", id="signs"),
            pytest.param("2023-T4;s;;;au_moins;{}", id="sign_of_the_value"),
            pytest.param("2023-T4;{};s;s;au_moins;90", id="a_value_beside_the_parts"),
            pytest.param("2023-T4;s;{};s;au_moins;90", id="a_part_beside_the_whole"),
        ],
    )
    def test_no_try_tells_it(self, start: str, prepare: Prepare, catalogue: Catalogue) -> None:
        for guess in ("3", "22", "23", "60"):
            line = f"{GOAL};{start.format(guess)};2027-T4;;;02/07/2026"
            assert prepare(csv_file(line, headings=TARGET), catalogue=fiscal(catalogue)).issues == (), guess

    def test_nor_without_its_columns(self, prepare: Prepare, catalogue: Catalogue) -> None:
        headings = "code_objectif;intitule;population_visee;code_indicateur;type_cible;cible;echeance;reunion_decision"
        content = csv_file(f"{GOAL};au_moins;20;2027-T4;02/07/2026", headings=headings)
        assert prepare(content, catalogue=fiscal(catalogue)).issues == ()
        assert located(prepare(content).issues) == [("target_against_start", 2, "cible", "20")]

    def test_what_the_file_says_itself_is_compared(self, prepare: Prepare, catalogue: Catalogue) -> None:
        line = f"{GOAL};{START};au_moins;20;2027-T4;;;02/07/2026"
        prepared = prepare(csv_file(line, headings=TARGET), catalogue=fiscal(catalogue))
        assert located(prepared.issues) == [("target_against_start", 2, "cible", "20")]


def test_several_territories_must_be_named(prepare: Prepare) -> None:
    """With one there is no doubt."""
    content = csv_file("A07;x;idee", headings="code_action;intitule;etat")
    prepared = prepare(content, territories=[TILLEULS, "FR-99-LILAS"])
    assert located(prepared.issues) == [("wrong_territory", 2, "code_territoire", "")]


def test_a_workbook_is_read_as_a_text_is(prepare: Prepare) -> None:
    """Days as spreadsheets keep them."""

    def fill(workbook: Any) -> None:
        page = workbook.add_worksheet("jalons")
        page.write_row(0, 0, ["Code action", "Code jalon", "Libellé", "Date prévue", "État"])
        page.write_row(1, 0, ["A02", "J3", "Trente parrains"])
        page.write_datetime(1, 3, date(2026, 12, 31), workbook.add_format({"num_format": "dd/mm/yyyy"}))
        page.write_string(1, 4, "À venir")

    prepared = prepare(xlsx_file(fill), "jalons.xlsx")
    assert prepared.issues == ()
    assert prepared.tables["milestones"].select("milestone_code", "planned_on", "state").rows() == [
        ("J3", date(2026, 12, 31), "a_venir")
    ]


@pytest.mark.parametrize("register", [ACTIONS, MILESTONES, PARTNERS, EVENTS, TARGETS], ids=lambda one: one.code)
def test_what_stands_is_seen_under_the_columns_of_the_register(register: Register, catalogue: Catalogue) -> None:
    view = view_register(register, catalogue, [TILLEULS])
    assert view.columns == [column.code for column in register.columns]
    assert len(view) > 1
