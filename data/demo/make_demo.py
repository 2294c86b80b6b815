"""Make the demonstration programme: the catalogue and the files its six invented territories would send.

`python data/demo/make_demo.py` writes the same bytes every time. Everything in it is invented: names, codes
(QN999..), figures. What each series shows stands beside it below.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter

HERE = Path(__file__).parent
TODAY = "2026-11-23"
QUARTERS = [f"{year}-T{n}" for year in (2023, 2024, 2025, 2026) for n in (1, 2, 3, 4)][3:15]
SENT_ON = {"T1": (4, 22), "T2": (9, 9), "T3": (10, 21), "T4": (1, 23)}
HEADINGS = [
    "code_territoire",
    "code_quartier",
    "code_indicateur",
    "periode",
    "ventilation",
    "modalite",
    "numerateur",
    "denominateur",
    "valeur",
    "statut",
    "confidentialite",
    "repondants",
    "taux_reponse",
    "date_reference",
    "source",
    "commentaire",
]


@dataclass(frozen=True)
class Series:
    """One indicator of one territory: shares from `first` to `last` percent of about `n`, or counts."""

    code: str
    source: str
    first: float
    last: float
    n: int = 0
    noise: float = 0.012
    special: dict[str, str] | None = None
    split: bool = False


@dataclass(frozen=True)
class Territory:
    code: str
    name: str
    challenge: str
    vision: str
    horizon: int
    quartiers: tuple[tuple[str, str, int], ...]
    suffix: str
    series: tuple[Series, ...]
    partners: tuple[tuple[str, str, str], ...]
    goals: tuple[tuple[str, str, str, str, str], ...]
    # (goal, indicator, kind, target or band, due, steps)
    targets: tuple[tuple[str, str, str, str, str, str], ...]
    actions: tuple[tuple[str, str, str, str, str, str], ...]


MISSION, DISPATCH = "Mission locale (i-milo)", "Émargement des réunions"
TERRITORIES = (
    Territory(
        "FR-99-TILLEULS",
        "Quartier des Tilleuls",
        "JEU",
        "En 2028, chaque jeune du quartier a un adulte sur qui compter et une solution qui lui ressemble.",
        2028,
        (("QN99901N", "Les Tilleuls", 3900),),
        "csv",
        (
            # rises past its target, a missing quarter, a value corrected later
            Series("JEU-01", MISSION, 22.1, 35.0, 240, special={"2025-T2": "missing"}, split=True),
            # too uncertain to tell
            Series("DEC-03", "Collège Jean-Exemple, vie scolaire", 14.0, 12.2, 90, 0.01),
            # falling
            Series("DRO-02", "France services", 52.0, 39.0, 310),
            # small denominators: counts only
            Series("PAR-01", DISPATCH, 21.0, 33.0, 24, 0.03),
            # below k in some quarters: masked for the public
            Series("JEU-04", "Associations du quartier", 3, 14, 0, 1.2),
            Series("JEU-05", "Enquête jeunes, centre social", 58.0, 64.0, 130, 0.02),
        ),
        (
            ("P1", "Ville de Démo", "collectivite"),
            ("P2", "Mission locale de Démo", "association"),
            ("P3", "Centre social des Tilleuls", "association"),
            ("P4", "Conseil citoyen des Tilleuls", "conseil_citoyen"),
            ("P5", "Collège Jean-Exemple", "ecole"),
        ),
        (
            (
                "O1",
                "Des jeunes accompagnés jusqu’à une solution",
                "Young people supported until they find a way",
                "JEU",
                "Jeunes de 16 à 25 ans suivis par la mission locale",
            ),
            ("O2", "Des collégiens présents en classe", "Pupils who come to class", "DEC", "Élèves du collège"),
            ("O3", "Des droits ouverts à temps", "Rights granted in time", "DRO", "Habitants qui déposent un dossier"),
            (
                "O4",
                "Des habitants là où l’on décide",
                "Residents where decisions are made",
                "PAR",
                "Tous les habitants",
            ),
        ),
        (
            ("O1", "JEU-01", "at_least", "30", "2027-Q4", ""),
            ("O2", "DEC-03", "at_most", "8", "2027-Q4", ""),
            ("O3", "DRO-02", "at_least", "60", "2027-Q4", ""),
            ("O4", "PAR-01", "at_least", "40", "2027-Q4", ""),
        ),
        (
            ("A01", "Permanence du mercredi à la mission locale", "O1", "P2", "2024-11-06", "en_cours"),
            ("A02", "Parrainage par des adultes du quartier", "O1|O2", "P3", "2025-03-01", "en_cours"),
            ("A03", "Atelier numérique avec France services", "O3", "P1", "2026-02-02", "en_cours"),
            ("A04", "Fête du quartier", "", "P3", "2027-06-19", "preparation"),
        ),
    ),
    Territory(
        "FR-99-BELLEVUE",
        "Bellevue-les-Prés",
        "ALI",
        "En 2029, bien manger n’est plus un luxe à Bellevue : chacun trouve près de chez lui de quoi cuisiner.",
        2029,
        (("QN99902M", "Bellevue", 5200), ("QN99903N", "Les Prés", 2100)),
        "xlsx",
        (
            # no polarity: more households helped is more need or better access
            Series("ALI-02", "Épicerie solidaire", 168, 214, 0, 9),
            # a band to stay in
            Series("ALI-04", "Ville, service des écoles", 52.0, 53.0, 410, 0.01),
            # small n: masked in some quarters
            Series("ALI-06", "Association Cuisine d’ici", 50.0, 62.0, 19, 0.04),
            Series("JEU-01", MISSION, 24.0, 31.0, 150),
            Series("PAR-02", "Relevé de décisions", 35.0, 62.0, 34, 0.03),
        ),
        (
            ("P1", "Ville de Bellevue-les-Prés", "collectivite"),
            ("P2", "Épicerie solidaire Le Panier", "association"),
            ("P3", "Bailleur Habitat Démo", "bailleur"),
        ),
        (
            (
                "O1",
                "Des enfants qui mangent à la cantine",
                "Children who eat at the canteen",
                "ALI",
                "Élèves du quartier",
            ),
            ("O2", "Cuisiner davantage chez soi", "Cooking more at home", "ALI", "Participants aux ateliers"),
            ("O3", "Des jeunes accompagnés", "Young people supported", "JEU", "Jeunes suivis"),
        ),
        (
            ("O1", "ALI-04", "maintain_band", "45|60", "2027-Q4", ""),
            ("O2", "ALI-06", "at_least", "75", "2027-Q4", ""),
            ("O3", "JEU-01", "at_least", "40", "2027-Q4", ""),
        ),
        (
            ("A01", "Cantine à tarif solidaire", "O1", "P1", "2024-09-02", "en_cours"),
            ("A02", "Ateliers de cuisine au pied des immeubles", "O2", "P2", "2024-04-10", "en_cours"),
        ),
    ),
    Territory(
        "FR-99-LILAS",
        "Cité des Lilas",
        "EMP",
        "En 2028, personne aux Lilas ne cherche un emploi seul depuis plus d’un an.",
        2028,
        (("QN99904I", "Les Lilas", 4600),),
        "csv",
        (
            # the registration reform breaks the series
            Series("EMP-01", "France Travail – Dares", 640, 598, 0, 7, special={"2025-T1": "break"}),
            # behind its trajectory
            Series("EMP-02", "France Travail – Dares", 52.0, 50.5, 610, 0.006),
            Series("EMP-04", "PLIE des Lilas", 38.0, 52.0, 46, 0.04),
            Series("JEU-01", MISSION, 41.0, 44.0, 68, 0.02),
            # organisations: no secrecy, always counts
            Series("PAR-04", "Structure de soutien", 58.0, 83.0, 12, 0.01),
        ),
        (
            ("P1", "Ville des Lilas-en-Démo", "collectivite"),
            ("P2", "PLIE des Lilas", "association"),
            ("P3", "Entreprises des Lilas", "entreprise"),
        ),
        (
            ("O1", "Moins de chômage de longue durée", "Less long-term unemployment", "EMP", "Demandeurs d’emploi"),
            ("O2", "Des parcours qui aboutissent", "Pathways that lead to work", "EMP", "Personnes accompagnées"),
            ("O3", "Des jeunes en solution", "Young people with a solution", "JEU", "Jeunes suivis"),
        ),
        (
            ("O1", "EMP-01", "at_most", "520", "2027-Q4", ""),
            ("O1", "EMP-02", "at_most", "40", "2027-Q4", ""),
            ("O2", "EMP-04", "at_least", "55", "2027-Q4", ""),
            ("O3", "JEU-01", "at_least", "50", "2027-Q4", ""),
        ),
        (
            ("A01", "Job dating mensuel au marché", "O1", "P3", "2024-06-05", "en_cours"),
            ("A02", "Accompagnement renforcé de 50 personnes", "O1|O2", "P2", "2025-01-13", "en_cours"),
        ),
    ),
    Territory(
        "FR-99-CHENES",
        "Les Hauts Chênes",
        "SAN",
        "En 2028, toute personne qui a besoin d’un soignant en voit un dans le mois.",
        2028,
        (("QN99905N", "Les Hauts Chênes", 3400),),
        "xlsx",
        (
            # on its trajectory
            Series("SAN-05", "Médiation santé", 42.0, 61.0, 130, 0.012),
            # a median: no interval, no state
            Series("SAN-06", "Relevé auprès des cabinets", 17, 12, 0, 1),
            Series("DRO-06", "Conseillers numériques", 40.0, 55.0, 210, 0.02),
            Series("JEU-01", MISSION, 29.0, 27.0, 160, 0.015),
            Series("PAR-01", DISPATCH, 18.0, 26.0, 38, 0.02),
        ),
        (
            ("P1", "Communauté des Chênes", "collectivite"),
            ("P2", "Maison de santé des Chênes", "sante"),
            ("P3", "Association Vivre ici", "association"),
        ),
        (
            ("O1", "Voir un soignant dans le mois", "Seeing a carer within a month", "SAN", "Personnes orientées"),
            ("O2", "Être à l’aise en ligne", "At ease online", "DRO", "Personnes accompagnées"),
            ("O3", "Des jeunes accompagnés", "Young people supported", "JEU", "Jeunes suivis"),
        ),
        (
            ("O1", "SAN-05", "at_least", "70", "2028-Q4", ""),
            ("O1", "SAN-06", "at_most", "10", "2027-Q4", ""),
            ("O2", "DRO-06", "at_least", "60", "2027-Q4", ""),
            ("O3", "JEU-01", "at_least", "40", "2027-Q4", ""),
        ),
        (("A01", "Deux demi-journées de consultation avancée", "O1", "P2", "2024-10-01", "en_cours"),),
    ),
    Territory(
        "FR-99-PORTNEUF",
        "Port-Neuf-en-Démo",
        "MOB",
        "En 2028, on vit à Port-Neuf sans voiture et sans renoncer à un rendez-vous.",
        2028,
        (("QN99906N", "Port-Neuf", 2900),),
        "csv",
        (
            # a goal met
            Series("MOB-02", "Autorité des mobilités", 212, 341, 0, 6),
            # mostly under 5: masked for the public and the national team
            Series("MOB-04", "Auto-école sociale", 2, 6, 0, 1.4),
            Series("MOB-03", "Plateforme mobilité", 44, 61, 0, 5),
            # under 30: not on the comparison
            Series("JEU-01", MISSION, 30.0, 38.0, 26, 0.03),
            Series("PAR-01", DISPATCH, 24.0, 31.0, 34, 0.03),
        ),
        (("P1", "Ville de Port-Neuf", "collectivite"), ("P2", "Auto-école sociale du port", "association")),
        (
            ("O1", "Se déplacer à un prix juste", "Getting around at a fair price", "MOB", "Habitants"),
            ("O2", "Des jeunes accompagnés", "Young people supported", "JEU", "Jeunes suivis"),
        ),
        (
            ("O1", "MOB-02", "at_least", "300", "2026-Q4", ""),
            ("O1", "MOB-04", "at_least", "10", "2027-Q4", ""),
            ("O2", "JEU-01", "at_least", "45", "2027-Q4", ""),
        ),
        (("A01", "Guichet mobilité au centre social", "O1", "P1", "2024-05-15", "en_cours"),),
    ),
    Territory(
        "FR-99-VALFLEURI",
        "Val Fleuri",
        "DRO",
        "En 2028, à Val Fleuri, un droit demandé est un droit répondu, en moins de deux mois.",
        2028,
        (("QN99907N", "Val Fleuri", 3100),),
        "csv",
        (
            # by steps; the last quarter has not come
            Series("DRO-02", "France services", 48.0, 66.0, 180, 0.012),
            Series("DRO-01", "France services et CCAS", 62, 95, 0, 6),
            Series("DRO-05", "Guichets", 16, 11, 0, 1),
            Series("JEU-01", MISSION, 27.0, 29.0, 130, 0.012),
            Series("PAR-02", "Relevé de décisions", 40.0, 55.0, 41, 0.03),
        ),
        (
            ("P1", "Ville de Val Fleuri", "collectivite"),
            ("P2", "France services Val Fleuri", "etat"),
            ("P3", "Association des habitants", "association"),
        ),
        (
            (
                "O1",
                "Une réponse en deux mois",
                "An answer within two months",
                "DRO",
                "Habitants qui déposent un dossier",
            ),
            ("O2", "Des jeunes accompagnés", "Young people supported", "JEU", "Jeunes suivis"),
        ),
        (
            ("O1", "DRO-02", "at_least", "75", "2027-Q4", "2024-Q4=52|2025-Q4=60|2026-Q3=66|2027-Q1=70"),
            ("O2", "JEU-01", "at_least", "40", "2027-Q4", ""),
        ),
        (("A01", "Un dossier unique pour quatre guichets", "O1", "P2", "2024-09-16", "en_cours"),),
    ),
)
LATE = "FR-99-VALFLEURI"
COUNTS = {"ALI-02", "EMP-01", "JEU-04", "MOB-02", "MOB-03", "MOB-04", "DRO-01", "SAN-06", "DRO-05"}
WAVES = {"JEU-05"}


def write_table(name: str, headings: str, rows: list[list[object]]) -> None:
    with (HERE / "catalogue" / f"{name}.csv").open("w", encoding="utf-8", newline="") as target:
        csv.writer(target, lineterminator="\n").writerows([headings.split(), *rows])


def last_day(quarter: str) -> date:
    year, n = int(quarter[:4]), int(quarter[-1])
    return date(year + n // 4, n % 4 * 3 + 1, 1) - timedelta(days=1)


def make_rows(territory: Territory, dice: random.Random) -> dict[str, list[dict[str, str]]]:
    """The rows of every quarter; shares move in a straight line with a little noise."""
    rows: dict[str, list[dict[str, str]]] = {quarter: [] for quarter in QUARTERS}
    for series in territory.series:
        for at, quarter in enumerate(QUARTERS):
            if series.code in WAVES and not quarter.endswith("T2"):
                continue
            level = series.first + (series.last - series.first) * at / (len(QUARTERS) - 1)
            at_end = at in (0, len(QUARTERS) - 1)
            rows[quarter] += make_cells(territory, series, quarter, level, 0 if at_end else series.noise, dice)
    return rows


def make_cells(
    territory: Territory, series: Series, quarter: str, level: float, noise: float, dice: random.Random
) -> list[dict[str, str]]:
    is_wave = series.code in WAVES
    cell = dict.fromkeys(HEADINGS, "") | {
        "code_territoire": territory.code,
        "code_indicateur": series.code,
        "periode": f"{quarter[:4]}-V1" if is_wave else quarter,
        "ventilation": "total",
        "statut": "normal",
        "confidentialite": "libre",
        "date_reference": "" if is_wave else f"{last_day(quarter):%d/%m/%Y}",
        "source": series.source,
    }
    what = (series.special or {}).get(quarter)
    if what == "missing":
        return [cell | {"statut": "non_disponible", "commentaire": "Logiciel en panne, chiffres perdus"}]
    if what == "break":
        cell |= {"statut": "rupture", "commentaire": "Nouvelle règle d’inscription des demandeurs d’emploi"}
    if series.code in COUNTS:
        return [cell | {"valeur": str(max(0, round(level + dice.gauss(0, noise))))}]
    total = series.n if not noise else round(series.n * (1 + dice.uniform(-0.04, 0.04)))
    count = round(total * (level / 100 + dice.gauss(0, noise)))
    if is_wave:
        cell |= {"repondants": str(total), "taux_reponse": "41"}
    cells = [cell | parts(count, total)]
    if series.split:
        women, women_total = round(count * 0.46), round(total * 0.47)
        for word, part, whole in (("femmes", women, women_total), ("hommes", count - women, total - women_total)):
            cells.append(cell | {"ventilation": "sexe", "modalite": word} | parts(part, whole))
    return cells


def parts(count: int, total: int) -> dict[str, str]:
    return {
        "numerateur": str(count),
        "denominateur": str(total),
        "valeur": f"{100 * count / total:.1f}".replace(".", ","),
    }


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    """The French way: BOM, semicolon, decimal comma."""
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.DictWriter(target, HEADINGS, delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


def write_xlsx(path: Path, rows: list[dict[str, str]]) -> None:
    """The workbook way: numbers are numbers, days are days."""
    with xlsxwriter.Workbook(path) as workbook:
        workbook.set_properties({"created": datetime(2026, 1, 1)})
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet = workbook.add_worksheet("observations")
        sheet.write_row(0, 0, HEADINGS)
        for line, row in enumerate(rows, 1):
            for column, heading in enumerate(HEADINGS):
                text = row[heading]
                if heading in ("numerateur", "denominateur", "valeur") and text:
                    sheet.write_number(line, column, float(text.replace(",", ".")))
                elif heading == "date_reference" and text:
                    sheet.write_datetime(line, column, datetime.strptime(text, "%d/%m/%Y"), day)
                elif text:
                    sheet.write_string(line, column, text)


def write_files() -> dict[tuple[str, str], dict[str, str]]:
    """Every territory's files; returns the first quarter's total of each series, which is its baseline."""
    deposits, baselines = [], {}
    for territory in TERRITORIES:
        short = territory.code.rsplit("-", 1)[1].lower()
        by_quarter = make_rows(territory, random.Random(territory.code))
        for row in by_quarter[QUARTERS[0]]:
            if row["ventilation"] == "total":
                baselines[territory.code, row["code_indicateur"]] = row
        for quarter, rows in by_quarter.items():
            name = f"{short}-{quarter}.{territory.suffix}"
            write = write_xlsx if territory.suffix == "xlsx" else write_csv
            if (territory.code, quarter) == (LATE, QUARTERS[-1]):
                write(HERE / "to-deposit" / name, rows)
                continue
            write(HERE / "files" / name, rows)
            month, day = SENT_ON[quarter[-2:]]
            year = int(quarter[:4]) + (quarter.endswith("T4"))
            at = datetime(year, month, day + len(deposits) % 6, 10, 15)
            deposits.append([f"{at.isoformat()}+01:00", territory.code, name, f"demo-officer-{short}", ""])
    deposits.append(write_correction())
    with (HERE / "deposits.csv").open("w", encoding="utf-8", newline="") as target:
        headings = ["at", "territory_code", "file", "sent_by", "reason"]
        csv.writer(target, lineterminator="\n").writerows([headings, *sorted(deposits)])
    return baselines


def write_correction() -> list[str]:
    """Les Tilleuls correct JEU-01 of T1 2026: two files had been counted twice."""
    with (HERE / "files" / "tilleuls-2026-T1.csv").open(encoding="utf-8-sig", newline="") as source:
        row = next(row for row in csv.DictReader(source, delimiter=";") if row["code_indicateur"] == "JEU-01")
    corrected = row | parts(int(row["numerateur"]) - 4, int(row["denominateur"]) - 2)
    write_csv(HERE / "files" / "tilleuls-2026-T1-rectification.csv", [corrected | {"commentaire": "Doublons retirés"}])
    reason = "Deux dossiers étaient comptés deux fois"
    return [
        "2026-06-18T16:40:00+01:00",
        "FR-99-TILLEULS",
        "tilleuls-2026-T1-rectification.csv",
        "demo-officer-tilleuls",
        reason,
    ]


def write_catalogue(baselines: dict[tuple[str, str], dict[str, str]]) -> None:
    everyone = TERRITORIES
    write_table(
        "programmes",
        "programme_code label_fr label_en is_demonstration today",
        [["QIC-DEMO", "Programme de démonstration", "Demonstration programme", "true", TODAY]],
    )
    write_table(
        "territories",
        "territory_code programme_code name kind epci_siren department_code region_name timezone joined_on cohort "
        "public_page",
        [
            [
                t.code,
                "QIC-DEMO",
                t.name,
                "territory",
                "",
                "",
                "Région de démonstration",
                "Europe/Paris",
                "2023-09-01",
                "2023",
                "true",
            ]
            for t in everyone
        ],
    )
    quartiers = [(t, *quartier) for t in everyone for quartier in t.quartiers]
    write_table(
        "quartiers",
        "qpv_code zoning_vintage name commune_code population population_year",
        [[code, "2024", name, "", population, 2022] for _, code, name, population in quartiers],
    )
    write_table(
        "territory_quartiers",
        "territory_code qpv_code valid_from valid_to",
        [[t.code, code, "2023-01-01", ""] for t, code, _, _ in quartiers],
    )
    write_table(
        "collectives",
        "territory_code name backbone_partner_code",
        [[t.code, f"Collectif {t.name}", "P1"] for t in everyone],
    )
    write_table(
        "partners",
        "territory_code partner_code name kind siret role valid_from valid_to",
        [
            [t.code, code, name, kind, "", "porteur" if code == "P1" else "partenaire", "2023-09-01", ""]
            for t in everyone
            for code, name, kind in t.partners
        ],
    )
    write_table(
        "territory_challenges",
        "territory_code challenge_code is_priority valid_from valid_to",
        [[t.code, t.challenge, "true", "2023-09-01", ""] for t in everyone],
    )
    write_table(
        "visions",
        "territory_code vision_version sentence horizon valid_from signed_by",
        [[t.code, 1, t.vision, t.horizon, "2023-12-05", "|".join(p[0] for p in t.partners)] for t in everyone],
    )
    write_table(
        "goals",
        "territory_code goal_code title_fr title_en challenge_code target_population vision_version",
        [[t.code, *goal, 1] for t in everyone for goal in t.goals],
    )
    write_table(
        "followed_indicators",
        "territory_code rank indicator_code",
        [[t.code, rank, series.code] for t in everyone for rank, series in enumerate(t.series, 1)],
    )
    write_table(
        "targets",
        "territory_code goal_code indicator_code qpv_code dimension category target_version kind ref_period ref_value "
        "ref_numerator ref_denominator ref_source target_value band_low band_high due_period shape steps materiality "
        "decided_on meeting_kind",
        [target_row(t, target, baselines[t.code, target[1]]) for t in everyone for target in t.targets],
    )
    write_table(
        "actions",
        "territory_code action_code title goal_codes lead_partner_code partner_codes starts_on planned_end_on state "
        "progress audience participants expected_contribution evidence_level comment",
        [
            [t.code, code, title, goals, lead, "", starts, "", state, "", "", "", "", "hypothese", ""]
            for t in everyone
            for code, title, goals, lead, starts, state in t.actions
        ],
    )
    write_table(
        "milestones",
        "territory_code action_code milestone_code label planned_on done_on state",
        [
            ["FR-99-TILLEULS", "A01", "J1", "Ouvrir la permanence", "2024-11-06", "2024-11-06", "fait"],
            ["FR-99-TILLEULS", "A02", "J1", "Dix parrains formés", "2025-06-30", "2025-07-08", "fait"],
            ["FR-99-TILLEULS", "A02", "J2", "Vingt parrains formés", "2026-09-30", "", "a_venir"],
            ["FR-99-TILLEULS", "A03", "J1", "Premier bilan avec France services", "2027-01-15", "", "a_venir"],
        ],
    )
    write_table(
        "events",
        "territory_code occurred_on label indicator_codes kind is_withdrawn",
        [
            ["FR-99-TILLEULS", "2025-05-12", "Départ de la conseillère référente", "JEU-01", "local", "false"],
            [
                "FR-99-TILLEULS",
                "2026-01-05",
                "Guichet de France services fermé six semaines",
                "DRO-02",
                "local",
                "false",
            ],
        ],
    )
    write_table(
        "meetings",
        "territory_code held_on meeting_kind is_cancelled",
        [["FR-99-TILLEULS", "2026-07-02", "steering", "false"], ["FR-99-TILLEULS", "2026-12-08", "steering", "false"]],
    )
    # a round that the steering committee kept open longer
    write_table(
        "rounds", "territory_code period opens_on due_on", [["FR-99-PORTNEUF", "2026-Q2", "2026-07-01", "2026-09-30"]]
    )


def target_row(territory: Territory, target: tuple[str, str, str, str, str, str], base: dict[str, str]) -> list[object]:
    goal, indicator, kind, value, due, steps = target
    numerator, denominator = base["numerateur"], base["denominateur"]
    start = f"{100 * int(numerator) / int(denominator):.4f}" if denominator else base["valeur"]
    low, high = value.split("|") if kind == "maintain_band" else ("", "")
    return [
        territory.code, goal, indicator, "", "total", "", 1, kind, QUARTERS[0].replace("T", "Q"), start, numerator,
        denominator, base["source"], "" if low else value, low, high, due, "stepped" if steps else "linear", steps, "",
        "2024-02-06", "steering",
    ]  # fmt: skip


if __name__ == "__main__":
    write_catalogue(write_files())
