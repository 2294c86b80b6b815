"""Personal data has no place in a deposit: found before anything touches a disk or a log."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date

import phonenumbers
import polars as pl
from phonenumbers import PhoneNumberType
from stdnum import iban, numdb
from stdnum.fr import nir

from pipelines.tidy import match_headings
from schemas.issue import Code, Issue, Issues
from schemas.reading import Reading
from schemas.words import plain_word


def _these(words: str) -> frozenset[str]:
    return frozenset(words.split())


EMAIL = r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
FRENCH_PHONE = r"(?:(?:\+|00)(?:33|262|590|594|596)[\s.-]?(?:\(0\)\s?)?|0)[1-9](?:[\s./-]?\d{2}){4}"
FOREIGN_PHONE = r"(?:\+|00(?:32|41|352|377))\s?\d(?:[\s./-]?\d){7,13}"
GROUPED_PHONE = r"0[67]\d\d[\s.-]\d{3}[\s.-]\d{3}|33[67]\d{8}"
PHONES = rf"{FRENCH_PHONE}|{FOREIGN_PHONE}|{GROUPED_PHONE}"
PHONE = rf"(?<!\d)(?<!\d[.,])(?!\d\d[./-]\d\d[./-]\d{{4}})(?:{PHONES})(?!\d)(?![.,]\d)"
REGIONS = ("FR", "RE", "GP", "GF", "MQ")
SERVICES = (PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN)
NIR_SHAPE = (
    r"[1-478][\s-]?\d{2}[\s-]?(?:0[1-9]|1[0-2]|[2-9]\d)[\s-]?(?:\d{2}|2[AaBb])[\s-]?\d{3}[\s-]?\d{3}(?:[\s-]?\d{2})?"
)
NIR = rf"(?<!\d)(?<!\d[.,]){NIR_SHAPE}(?!\d)(?![.,]\d*[1-9])"
SHORT_NIR = r"^\s*[1-478][.,]\d+[eE]\+?1[24]\s*$"
IBAN_SHAPE = r"[A-Za-z]{2}\d{2}(?:[\s-]?[0-9A-Za-z])"
IBAN = rf"\b(?=({IBAN_SHAPE}{{11,30}}))"

TITLE = r"\b(?:MM?\.|Mr|Mme|MME|Mlle|MLLE|Melle|Monsieur|Madame|Mademoiselle)\s"
TITLED = rf"(?<!\d\s){TITLE}\s*(?!(?:Le|La|Les)\b)[A-ZÀ-ÖØ-Ý]"
FIRST_NAME = r"(?<![\w’'-])([A-ZÀ-Ý][a-zà-ÿ]{2,}(?:-[A-ZÀ-Ý][a-zà-ÿ]+)?)\s[A-ZÀ-Ý]\.(?!\w)"
LETTERED = _these(
    "action aile allee annexe article atelier avenue bac batiment bloc boulevard cas categorie centre cite classe "
    "cohorte college ecole entree equipe escalier espace etape fiche foyer groupe gymnase hall hepatite ilot immeuble "
    "indicateur les ligne liste lot lycee maison metro niveau option parc parcours permis phase place plan point pole "
    "porte profil projet quartier question residence rue salle scenario secteur section serie site stade terminale "
    "tour tranche type version vitamine voie volet zone"
)
"""Words that a letter follows without naming anybody: « Plan B. », « Rue E. Zola »."""
AGE = (
    r"(?<![-–\d])(?<!\bà\s)(?<!\bet\s)(?<!\bou\s)(?<!\bplus\sde\s)(?<!\bmoins\sde\s)(?<!\bdepuis\s)(?<!\ben\s)"
    r"(?<!\bdes\s)(?<!\bles\s)\d{1,3}\sans\b(?!\set\s(?:plus|moins))"
)
STREET = r"\b\d{1,4}\s?(?:bis|ter)?,?\s(?:rue|avenue|boulevard|bd|allée|impasse|place|chemin|route|quai|square)\b"
LIVES = rf"(?i){AGE}.{{0,60}}{STREET}|{STREET}.{{0,60}}{AGE}"

BEFORE_DIGITS = r"(?:^|[^0-9])"
# Only the ASCII word boundary is fast on accented text, fifty times so.
SUSPECT = (
    rf"\w@\w|{BEFORE_DIGITS}{NIR_SHAPE}\b|{SHORT_NIR}|\b{IBAN_SHAPE}{{11}}|(?:\+|\b00)\d[\d\s().-]{{8}}"
    rf"|{BEFORE_DIGITS}(?:0[1-9](?:[\s./-]?\d{{2}}){{4}}|{GROUPED_PHONE})\b|{TITLE}|\p{{Ll}}\s\p{{Lu}}\.|\d\sans\b"
).replace(r"\b", r"(?-u:\b)")
"""What polars looks for first in every distinct cell: all that is told below, and more."""
DECIMAL = r"^\s*[+-]?(?:0|[1-9]\d{0,11})[.,]\d+(?:[eE]-\d+)?\s?%?\s*$"
IN_DISGUISE = (
    r"[\x00\t\n\u00a0\u00ad\u2000-\u2015\u202f\u205f\u2060\ufeff\uff01-\uff5e]|\(\+?\d{1,3}\)|\d\s{2,}\d"
    r"|\d\s+[.-]\s*\d|\d[.-]\s+\d|\d{10}[,;.]\d{10}"
)
"""Signs that stand between or for the letters of a number without changing what a person reads."""
SHORTEST = len("Mme X")

WHO = _these(
    "eleve enfant beneficiaire usager usagere habitant habitante participant participante jeune personne individu "
    "patient patiente assure assuree locataire salarie salariee stagiaire etudiant etudiante candidat candidate "
    "conjoint conjointe pere mere adherent benevole child pupil student person"
)
BESIDE = {
    "nom noms": "naissance famille usage jeune fille marital patronymique complet",
    "adresse address": "postale electronique complete domicile personnelle perso street home",
    "mail email mel courriel tel telephone phone portable gsm": "e electronique numero number n fixe mobile domicile "
    "personnel perso professionnel pro",
    "nir secu ine nss iban rib matricule allocataire": "numero num no n identifiant id caf msa chiffres caracteres",
    "patronyme naissance": "date dt lieu",
}
"""Words that announce persons alone or beside one another, and what else may stand beside each."""
ALONE = re.compile(r"(?:^|_)(?:prenoms?\d?|ddn|(?:date|dt)_?(?:de_)?naiss(?:ance)?|nir|secu)(?:_|$)")
"""What announces persons in a line that is no heading of the table."""
SAYS = {word: _these(others) for words, others in BESIDE.items() for word in _these(words)}
FILLERS = (
    _these("de d du des l la et ou a of the contact parent referent responsable")
    | WHO
    | {f"{who}s" for who in WHO}
    | {*SAYS}
)
KNOWN_WORDS = FILLERS.union(*SAYS.values()) | _these(
    "prenom prenoms surname forename first last given family maiden middle full child student name ddn dob date dt "
    "naissance naiss birth birthdate ne nee le social security number ft ss securite sociale jj mm aaaa dd yyyy"
)
ALWAYS = re.compile(
    r"(?:^|_)(?:prenoms?\d?|surname|forename|(?:first|last|given|family|maiden|middle|full|child|student)_?name|ddn|dob"
    r"|(?:date|dt)_?(?:de_)?naiss(?:ance)?|date_of_birth|birth_?date|nee?_(?:e_)?le|social_security_number"
    r"|(?:identifiant|id|numero|num|no|n)_(?:de_)?(?:ft|ss|securite_sociale)"
    rf"|(?:identifiant|id|numero)_(?:de_|d_|du_)?(?:la_|l_)?(?:{'|'.join(sorted(WHO))}))(?:_|$)"
)
COUNTED = _these("nombre nb nbre taux part total pourcentage effectif sans avec dont moyen moyenne")
NUMBERED = _these("id identifiant numero num no n code nir secu allocataire matricule dossier")

MANY_CELLS, MANY_ROWS, MOST = 20, 50, 0.8
FULL_DATE = r"^\s*(?:\d{4}-\d\d-\d\d|\d\d[./-]\d\d[./-]\d{4})(?:$|[\sT])"
ONLY_A_DATE = _these("date dates jour dn naissance col") | {""} | WHO
TWO_NAMES = r"^\s*\p{Lu}[\p{L}’'-]+(?:\s\p{Lu}[\p{L}’'-]+){1,2}\s*$"
PLACES = _these(
    "area association bas basse caf categorie ccas centre cite college commune de dep departement des du ecole espace "
    "est geo grand grande group groupe haut haute indicateur indicator la label le les lib libelle lycee mairie "
    "maison metier mission mjc modalite nord operateur ouest partenaire pays place qp qpv quartier raison region "
    "residence rue saint sainte site source st structure sud territoire titre type vieux ville ward"
)
"""Words of headings and cells that name no person."""


def find_personal_data(reading: Reading, today: date | None = None, of_organisations: Collection[str] = ()) -> Issues:
    """Every heading, cell, line outside the table or note that names a person: place and kind, never the value.

    `of_organisations`: headings that announce organisations, whatever their words say; their cells are looked at as
    any other.
    """
    headings = pl.Series(reading.table.columns[1:], dtype=pl.String)
    announcing = [name for name in headings if name not in of_organisations and _announces_persons(name)]
    by_words = dict.fromkeys(announcing, (Code.PERSONAL_DATA, "heading"))
    by_value = _tell(headings)
    harmless = {name for name in headings if _is_harmless(name, by_words, by_value)}
    shown = {name: name if name in harmless else f"({reading.positions[name]})" for name in headings}
    of_name = _tell(_as_series(reading.filename)).values()
    issues = [Issue(code, context={"kind": kind, "place": "filename"}) for code, kind in of_name]
    issues += [
        Issue(code, reading.header_row, shown[name], context={"kind": kind})
        for name, (code, kind) in (by_words | by_value).items()
    ]
    issues += _list_aside(reading)
    ours = match_headings(reading.table.columns)
    if {"numerator", "denominator"} <= ours.keys():
        ones = (pl.col(ours[name]).str.contains(r"^1(?:[.,]0+)?$") for name in ("numerator", "denominator"))
        if reading.table.filter(pl.all_horizontal(ones)).height > MANY_ROWS:
            issues.append(Issue(Code.PERSONAL_DATA, context={"kind": "person_a_row"}))
    rows = []
    for name, cells in _distinct_cells(reading.table):
        if name not in ours.values():
            issues += _list_shapes(cells, name, shown[name], reading, today or date.today())
        if told := _tell(cells, _words(name)):
            said = pl.DataFrame([(cell, *one) for cell, one in told.items()], ["cell", "code", "kind"], orient="row")
            hits = reading.table.select("source_row", cell=name).join(said, on="cell", maintain_order="left")
            rows.append(hits.select("code", "kind", row="source_row", column=pl.lit(shown[name])))
        if announcing := _list_announcing(cells):
            lines = reading.table.filter(pl.col(name).is_in(announcing))["source_row"]
            issues += [Issue(Code.PERSONAL_DATA, line, context={"kind": "heading"}) for line in lines]
    return Issues.of(issues) + Issues(*rows)


def find_in_words(text: str) -> str | None:
    """The kind of personal data in something that a person wrote, such as a reason; None for none."""
    told = [kind for code, kind in _tell(_as_series(*text.splitlines())).values() if code is Code.PERSONAL_DATA]
    return told[0] if told else None


def suspect_in_words(text: str) -> str | None:
    """The kind of what may name somebody in something that a person wrote (« Mme X »), and may well not: to say so."""
    told = [kind for code, kind in _tell(_as_series(*text.splitlines())).values() if code is Code.MAYBE_PERSONAL_DATA]
    return told[0] if told else None


def _list_aside(reading: Reading) -> Iterator[Issue]:
    """What stands outside the table. Two headings that announce persons on a line of another sheet begin a list."""
    names = {one.sheet for one in reading.aside if one.sheet} | {*reading.sheets, reading.sheet or ""}
    for code, kind in _tell(_as_series(*names)).values():
        yield Issue(code, context={"kind": kind, "place": "sheet_name"})
    texts = pl.Series([one.text for one in reading.aside], dtype=pl.String).unique()
    told = _tell(texts)
    for one in reading.aside:
        if one.text in told:
            where = {"sheet": one.sheet} if one.sheet else {"place": "outside"} if one.why == "outside" else {}
            yield Issue(told[one.text][0], one.line, context={"kind": told[one.text][1], **where})
    announcing = {text for text in texts.filter(texts.str.contains(r"^\p{L}.{1,60}$")) if _announces_persons(text)}
    elsewhere = [one for one in reading.aside if one.line and one.why not in ("comment", "outside", "title")]
    lines = Counter((one.sheet, one.line) for one in elsewhere if one.text in announcing)
    of_sheet = Counter(one.sheet for one in elsewhere)
    alone = set(_list_announcing(texts))
    lists = {(one.sheet, one.line) for one in elsewhere if one.text in alone and of_sheet[one.sheet] > MANY_CELLS}
    for (sheet, line), announced in lines.items():
        if announced > 1 or (sheet, line) in lists:
            yield Issue(Code.PERSONAL_DATA, line, context={"kind": "heading"} | ({"sheet": sheet} if sheet else {}))


def _list_announcing(cells: pl.Series) -> list[str]:
    """Short texts that are headings over persons: « Prénom », « Date de naissance »."""
    announcing = cells.str.contains(r"(?i)pr[ée]nom|naiss|ddn|nir|s[ée]cu") & ~cells.str.contains(r"\d{3}")
    short = cells.filter(announcing & (cells.str.len_chars() < 40))
    plain = {cell: _plain(cell) for cell in short}
    found = (cell for cell, word in plain.items() if ALONE.search(word) and word.count("_") < 4)
    return [cell for cell in found if not _words(cell) & COUNTED]


def _as_series(*texts: str) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


def _is_harmless(name: str, by_words: Collection[str], by_value: Collection[str]) -> bool:
    """Whether a heading may be repeated: one that names a person is shown by its place only."""
    if name in by_value:
        return False
    return name not in by_words or (
        {word.rstrip("0123456789") for word in _words(name)} <= KNOWN_WORDS and not re.search(r"\d{3}", name)
    )


def _plain(heading: str) -> str:
    """The plain word of a heading whose apostrophes, « N° » and capitals inside words count as spaces."""
    spaced = re.sub(r"(?<=[a-zé])(?=[A-Z])|[’'()]", " ", re.sub(r"(?i)\bn\s?[°º]", "numero ", heading))
    return re.sub("france_travail|pole_emploi", "ft", plain_word(spaced))


def _words(heading: str) -> frozenset[str]:
    return frozenset(word for word in _plain(heading).split("_") if not word.isdigit())


def _announces_persons(heading: str) -> bool:
    """Whether what stands under it belongs to one person: « Nom de l'élève », not « Nom du quartier »."""
    words = _words(heading)
    said = words & SAYS.keys()
    if said and words <= FILLERS.union(*(SAYS[word] for word in said)):
        return True
    return ALWAYS.search(_plain(heading)) is not None and not words & COUNTED


def _distinct_cells(table: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """The distinct cells of each column that has one long enough to say anything of a person."""
    longest = table.select(pl.col(pl.String).str.len_bytes().max()).row(0, named=True)
    names = [name for name, length in longest.items() if length and length >= SHORTEST]
    distinct = table.select(pl.col(names).unique().implode())
    return ((name, distinct[name][0].drop_nulls()) for name in names)


def _list_shapes(cells: pl.Series, name: str, shown: str, reading: Reading, today: date) -> Iterator[Issue]:
    """What the distinct cells of a column look like together.

    Old days, spread as births are, refuse the file where the heading says no more than « date »; under any other
    they may be days on which associations were founded, and are asked about. So are names under a heading that says
    nothing of places: « Croix Blanche », « Champ Roland » and « Marie Exemple » have one shape.
    """
    cells, words = cells.filter(cells != ""), _words(name)
    if len(cells) <= MANY_CELLS:
        return
    filled = reading.table.select((pl.col(name) != "").sum()).item()
    if len(cells) <= filled / 2:
        return
    is_cell = pl.Series([name]).str.contains(f"{FULL_DATE}|{TWO_NAMES}")[0]
    place = f"({reading.positions[name]})" if is_cell else shown
    if _are_births(cells, today):
        code = Code.PERSONAL_DATA if words <= ONLY_A_DATE else Code.MAYBE_PERSONAL_DATA
        yield Issue(code, None, place, context={"kind": "birth_date"})
    if len(cells) > MOST * filled and not words & PLACES:
        named = [cell for cell in cells.filter(cells.str.contains(TWO_NAMES)) if not _words(cell) & PLACES]
        if len(named) > MOST * len(cells):
            yield Issue(Code.MAYBE_PERSONAL_DATA, None, place, context={"kind": "names"})


def _are_births(cells: pl.Series, today: date) -> bool:
    """Days 5 to 110 years ago, on any day of the month and without the regular distances of a series of figures."""
    if cells.str.contains(FULL_DATE).sum() <= MOST * len(cells):
        return False
    text = pl.col("cell").str.strip_chars().str.head(10).str.replace_all(r"[./]", "-")
    shapes = (text.str.to_date(shape, strict=False) for shape in ("%Y-%m-%d", "%d-%m-%Y"))
    days = pl.DataFrame({"cell": cells}).select(pl.coalesce(shapes))["cell"].drop_nulls().unique().sort()
    first, last = (today.replace(year=today.year - age, day=1) for age in (110, 5))
    if days.is_between(first, last).sum() <= max(MANY_CELLS, MOST * len(cells)):
        return False
    of_month, gaps = (one.value_counts(sort=True)["count"] for one in (days.dt.day(), days.diff().drop_nulls()))
    return len(of_month) >= 10 and max(of_month[0], gaps[0]) < len(days) / 2


def _tell(cells: pl.Series, heading: frozenset[str] = frozenset()) -> dict[str, tuple[Code, str]]:
    """What each of these distinct cells tells of a person, if it does; `heading`: the words above them."""
    disguised = cells.filter(cells.str.contains(IN_DISGUISE))
    suspects = cells.filter(cells.str.contains(SUSPECT) & ~cells.str.contains(DECIMAL))
    may_be_nir = bool(heading & NUMBERED) and "siret" not in heading
    told = {cell: _told_by(_undisguised(cell), may_be_nir) for cell in {*suspects, *disguised}}
    return {cell: one for cell, one in told.items() if one}


def _undisguised(cell: str) -> str:
    """The text with plain digits, single spaces and hyphens, and without the signs that nobody sees."""
    text = re.sub(r"[\x00\u00ad\u200b-\u200f\u2060\ufeff]", "", unicodedata.normalize("NFKC", cell))
    text = re.sub(r"[\u2010-\u2015]", "-", re.sub(r"\s+", " ", text))
    text = re.sub(r"\((\+?\d{1,3})\)", r"\1", text)
    text = re.sub(r"(?<=\d) ?([.-]) ?(?=\d)", r"\1", text)
    return re.sub(r"(?<=\d{10})[,;.](?=\d{10})", " ; ", text)


def _told_by(cell: str, may_be_nir: bool) -> tuple[Code, str] | None:
    if "@" in cell and re.search(EMAIL, cell):
        return Code.PERSONAL_DATA, "email"
    if any(_is_iban(match[1]) for match in re.finditer(IBAN, cell)):
        return Code.PERSONAL_DATA, "iban"
    if any(_is_nir(match[0]) for match in re.finditer(NIR, cell)) or (may_be_nir and re.search(SHORT_NIR, cell)):
        return Code.PERSONAL_DATA, "nir"
    if any(_is_phone(match[0]) for match in re.finditer(PHONE, cell)):
        return Code.PERSONAL_DATA, "phone"
    if re.search(TITLED, cell):
        return Code.MAYBE_PERSONAL_DATA, "name"
    if any(plain_word(match[1]) not in LETTERED for match in re.finditer(FIRST_NAME, cell)):
        return Code.MAYBE_PERSONAL_DATA, "first_name"
    if re.search(LIVES, cell):
        return Code.MAYBE_PERSONAL_DATA, "address"
    return None


def _is_iban(text: str) -> bool:
    """Whether it begins with one, as long as its country's are; words may follow."""
    bare = re.sub(r"[\s-]", "", text).upper()
    parts = numdb.get("iban").info(bare)[0][1].get("bban", "")
    return iban.is_valid(bare[: 4 + sum(map(int, re.findall(r"\d+", parts)))], check_country=False)


def _is_nir(text: str) -> bool:
    """15 characters must carry the right key; 13 have none to verify: their month must be one."""
    bare = re.sub(r"[\s-]", "", text).upper()
    return nir.is_valid(bare) if len(bare) == 15 else len(bare) == 13 and 1 <= int(bare[3:5]) <= 12


def _is_phone(text: str) -> bool:
    """A number that may ring at somebody's; those of services (0 800 ...) do not."""
    for region in REGIONS:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.number_type(number) not in SERVICES
    return False
