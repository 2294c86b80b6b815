"""What a register is: the files that say who does what towards what, beside the figures; each said once.

Reading, checking, the template, the dictionary, the form and the table of a register are derived from its columns.
A column's code is that of the catalogue table that keeps it, without its language.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.catalogue import INDICATOR_CODE, PERIOD, QPV_CODE
from schemas.observation import Column

FEWEST, FEWEST_FISCAL = 5, 11
"""The least threshold of secrecy of a sheet: nobody's own choice goes below it."""

YES_NO = {"oui": "true", "non": "false"}
MANY_CODES = r"^[A-Z0-9:|-]*$"
PERIODS = PERIOD.replace("Q", "[QT]")


@dataclass(frozen=True)
class Register:
    """`code` names it with us, `heading` its files; `table` is where it is kept, `key` what tells two rows apart.

    `signature`: the headings that make a file this register, whatever else is missing. `names_organisations`: the
    columns that hold names, but of organisations only.
    """

    code: str
    heading: str
    table: str
    key: tuple[str, ...]
    signature: tuple[str, ...]
    columns: tuple[Column, ...]
    title: str
    names_organisations: tuple[str, ...] = ()

    def column(self, code: str) -> Column:
        return next(column for column in self.columns if column.code == code)


TERRITORY = Column(
    "territory_code", "code_territoire", "code", synonyms=("territoire", "territory"), example="FR-44-BELLEVUE"
)
ACTION = Column("action_code", "code_action", "code", True, example="A01", pattern=r"^A\d{2,3}$")
COMMENT = Column("comment", "commentaire", "text", longest=500, example="Fermée en août")


def _same(*words: str) -> dict[str, str]:
    return {word: word for word in words}


ACTIONS = Register(
    "actions",
    "actions",
    "actions",
    ("territory_code", "action_code"),
    ("action_code",),
    (
        TERRITORY,
        ACTION,
        Column("title", "intitule", "text", True, longest=120, example="Permanence du mercredi"),
        Column("goal_codes", "code_objectif", "codes", synonyms=("code_objectifs", "objectifs"), example="O1|O2"),
        Column("lead_partner_code", "pilote", "code", example="P2"),
        Column("partner_codes", "partenaires", "codes", example="P1|P4"),
        Column("starts_on", "debut", "date", synonyms=("date_debut",), example="06/11/2024"),
        Column("planned_end_on", "fin_prevue", "date", synonyms=("date_fin_prevue",), example="31/12/2026"),
        Column(
            "state",
            "etat",
            "word",
            True,
            words=_same("idee", "preparation", "en_cours", "en_pause", "terminee", "abandonnee"),
            example="en_cours",
        ),
        Column("progress", "avancement", "integer", example="60", lowest=0, highest=100),
        Column("audience", "public_vise", "text", longest=200, example="Jeunes de 16 à 25 ans"),
        Column("participants", "participants_trimestre", "integer", example="24", lowest=0),
        Column(
            "expected_contribution",
            "contribution_attendue",
            "text",
            longest=300,
            example="Un premier contact sans rendez-vous",
        ),
        Column(
            "evidence_level",
            "niveau_preuve",
            "word",
            words=_same("hypothese", "indices", "corroboree", "contredite"),
            default="hypothese",
            example="indices",
        ),
        COMMENT,
    ),
    title="title",
)

MILESTONES = Register(
    "milestones",
    "jalons",
    "milestones",
    ("territory_code", "action_code", "milestone_code"),
    ("milestone_code",),
    (
        TERRITORY,
        ACTION,
        Column("milestone_code", "code_jalon", "code", True, example="J1", pattern=r"^J\d{1,3}$"),
        Column("label", "libelle", "text", True, longest=120, example="Dix parrains formés"),
        Column("planned_on", "date_prevue", "date", True, example="30/06/2026"),
        Column("done_on", "date_reelle", "date", example="08/07/2026"),
        Column(
            "state",
            "etat",
            "word",
            words=_same("a_venir", "fait", "retard", "annule"),
            default="a_venir",
            example="fait",
        ),
    ),
    title="label",
)

PARTNERS = Register(
    "partners",
    "partenaires",
    "partners",
    ("territory_code", "partner_code"),
    ("partner_code",),
    (
        TERRITORY,
        Column("partner_code", "code_partenaire", "code", True, example="P2", pattern=r"^P\d{1,3}$"),
        Column("name", "nom", "text", True, longest=120, example="Mission locale"),
        Column(
            "kind",
            "type",
            "word",
            True,
            words=_same(
                "collectivite",
                "etat",
                "association",
                "conseil_citoyen",
                "caf",
                "bailleur",
                "ecole",
                "sante",
                "entreprise",
                "autre",
            ),
            example="association",
        ),
        Column("siret", "siret", "siret", example="13000548100010"),
        Column("role", "role", "text", longest=120, example="porteur"),
    ),
    title="name",
    names_organisations=("name",),
)

EVENTS = Register(
    "events",
    "evenements",
    "events",
    ("territory_code", "occurred_on", "label"),
    ("occurred_on", "label", "kind"),
    (
        TERRITORY,
        Column("occurred_on", "date", "date", True, example="05/01/2026"),
        Column("label", "libelle", "text", True, longest=120, example="Guichet fermé six semaines"),
        Column(
            "indicator_codes",
            "code_indicateur",
            "codes",
            synonyms=("code_indicateurs", "indicateurs"),
            example="DRO-02",
            pattern=MANY_CODES,
        ),
        Column(
            "kind", "type", "word", True, words=_same("local", "national", "collecte"), default="local", example="local"
        ),
        Column("is_withdrawn", "retire", "word", words=YES_NO, default="false", example="non"),
    ),
    title="label",
)

LOCAL_INDICATORS = Register(
    "local_indicators",
    "indicateurs_locaux",
    "indicators",
    ("indicator_code",),
    ("indicator_code", "label", "definition"),
    (
        TERRITORY,
        Column(
            "indicator_code",
            "code_indicateur",
            "code",
            True,
            example="FR-44-BELLEVUE:JEU-L01",
            pattern=r"^[A-Z0-9-]{3,24}:[A-Z]{2,4}-L\d{2}$",
        ),
        Column("challenge_code", "defi", "code", True, example="JEU"),
        Column("label", "libelle", "text", True, longest=80, example="Jeunes qui ont un parrain"),
        Column("question", "question", "text", True, longest=200, example="Combien de jeunes ont un parrain ?"),
        Column("definition", "definition", "text", True, longest=1000, example="Jeunes suivis qui ont un parrain"),
        Column("numerator", "numerateur", "text", longest=300, example="Jeunes suivis ayant un parrain"),
        Column("denominator", "denominateur", "text", longest=300, example="Jeunes suivis"),
        Column("numerator_noun", "nom_numerateur", "text", True, longest=60, example="Jeunes parrainés"),
        Column("denominator_noun", "nom_denominateur", "text", longest=60, example="Jeunes suivis"),
        Column(
            "unit",
            "unite",
            "word",
            True,
            words={"pourcent": "percent", "nombre": "count", "jours": "days", "minutes": "minutes", "note": "score"},
            example="pourcent",
        ),
        Column("decimals", "decimales", "integer", example="0", lowest=0, highest=2),
        Column(
            "polarity",
            "sens",
            "word",
            True,
            words={"hausse": "increase", "baisse": "decrease", "stable": "maintain", "aucun": "none"},
            example="hausse",
        ),
        Column(
            "level",
            "niveau",
            "word",
            True,
            words={"population": "population", "participants": "participants", "cooperation": "system"},
            example="participants",
        ),
        Column(
            "time_basis",
            "base_temps",
            "word",
            True,
            words={
                "fin_periode": "stock_end",
                "cumul": "flow",
                "quatre_trimestres": "rolling_4q",
                "annee_scolaire": "school_year",
                "vague": "survey_wave",
            },
            example="fin_periode",
        ),
        Column(
            "frequency",
            "frequence",
            "word",
            True,
            words={"trimestre": "quarter", "annee": "year", "annee_scolaire": "school_year", "vague": "wave"},
            example="trimestre",
        ),
        Column("delay_months", "delai_mois", "integer", example="1", lowest=0, highest=36),
        Column("source", "source", "text", True, longest=120, example="Centre social"),
        Column(
            "source_kind",
            "type_source",
            "word",
            True,
            words={
                "comptage": "own_count",
                "enquete": "survey",
                "insee": "national_statistics",
                "fiscal": "fiscal",
                "caf": "family_benefits",
                "assurance_maladie": "health_insurance",
                "france_travail": "employment_service",
                "education": "education",
                "collectivite": "local_authority",
                "modele": "modelled",
                "calcul": "computed",
            },
            example="comptage",
        ),
        Column(
            "collection_method",
            "methode",
            "word",
            True,
            words={
                "administratif": "administrative",
                "comptage": "count",
                "enquete": "survey",
                "estimation": "estimate",
            },
            example="comptage",
        ),
        Column(
            "counted_unit",
            "unite_comptee",
            "word",
            True,
            words={
                "personne": "person",
                "menage": "household",
                "entreprise": "enterprise",
                "organisation": "organisation",
                "evenement": "event",
                "autre": "other",
            },
            example="personne",
        ),
        Column("k_threshold", "seuil_secret", "integer", example="5"),
        Column("is_sensitive", "sensible", "word", words=YES_NO, default="false", example="non"),
        Column(
            "reference_population", "population_reference", "text", longest=300, example="Jeunes de 16 à 25 ans suivis"
        ),
        Column("limits", "limites", "text", longest=1000, example="Ne dit rien des jeunes que personne ne suit"),
        Column("valid_from", "valable_du", "date", True, example="01/01/2026"),
        Column("change_reason", "motif_changement", "text", longest=300, example="Le centre social compte autrement"),
        Column("breaks_series", "rupture_serie", "word", words=YES_NO, default="false", example="non"),
    ),
    title="label",
)

TARGETS = Register(
    "targets",
    "objectifs_cibles",
    "targets",
    ("territory_code", "goal_code", "indicator_code", "qpv_code", "dimension", "category"),
    ("goal_code", "indicator_code"),
    (
        TERRITORY,
        Column("goal_code", "code_objectif", "code", True, example="O1", pattern=r"^O\d{1,2}$"),
        Column("title", "intitule", "text", True, longest=120, example="Des jeunes accompagnés jusqu’à une solution"),
        Column("target_population", "population_visee", "text", True, longest=200, example="Jeunes de 16 à 25 ans"),
        Column("indicator_code", "code_indicateur", "code", True, example="JEU-01", pattern=INDICATOR_CODE),
        Column("qpv_code", "code_quartier", "code", synonyms=("quartier",), example="QN04403M", pattern=QPV_CODE),
        Column("dimension", "ventilation", "label", default="total", example="sexe"),
        Column("category", "modalite", "label", example="femmes"),
        Column("ref_period", "ref_periode", "period", example="2023-T4", pattern=PERIODS),
        Column("ref_value", "ref_valeur", "decimal", example="22,1"),
        Column("ref_numerator", "ref_numerateur", "decimal", example="53", lowest=0),
        Column("ref_denominator", "ref_denominateur", "decimal", example="240", lowest=0),
        Column("ref_source", "ref_source", "text", longest=120, example="Mission locale (i-milo)"),
        Column(
            "kind",
            "type_cible",
            "word",
            True,
            words={
                "au_moins": "at_least",
                "au_plus": "at_most",
                "maintenir": "maintain_band",
                "suivi": "watch_only",
            },
            example="au_moins",
        ),
        Column("target_value", "cible", "decimal", example="30"),
        Column("band_low", "bande_basse", "decimal", example="20"),
        Column("band_high", "bande_haute", "decimal", example="25"),
        Column("due_period", "echeance", "period", example="2028-T4", pattern=PERIODS),
        Column(
            "shape",
            "forme",
            "word",
            words={"lineaire": "linear", "paliers": "stepped", "geometrique": "geometric"},
            default="linear",
            example="lineaire",
        ),
        Column("steps", "paliers", "steps", example="2027-T2=24|2027-T4=27"),
        Column("materiality", "seuil_utile", "decimal", example="2"),
        Column("decided_on", "reunion_decision", "date", True, example="06/02/2026"),
        Column(
            "meeting_kind",
            "reunion_type",
            "word",
            words={"pilotage": "steering", "technique": "technical"},
            default="steering",
            example="pilotage",
        ),
    ),
    title="title",
)

REGISTERS = (ACTIONS, MILESTONES, PARTNERS, EVENTS, LOCAL_INDICATORS, TARGETS)
REGISTER = {register.code: register for register in REGISTERS}

OF_THE_MEETING = ("decided_on", "meeting_kind")
"""Of a target: where it was decided. The same target, confirmed by another meeting, is no new version."""
OF_THE_GOAL = ("title", "target_population")
"""Of a line of the targets register: what the goal says, whatever the indicator."""
OF_THE_VERSION = ("change_reason",)
"""Of a local indicator: why it became what it is."""
