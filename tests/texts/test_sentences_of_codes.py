"""What is said of every code of a fault: where, what was found, why it is wrong, how to repair; exact words."""

from __future__ import annotations

import re

import pytest

from schemas.issue import Code, Issue
from tests.test_house import keys_of
from texts import load_words
from texts.sentences import say_issue

FR, EN = load_words("fr"), load_words("en")
CASES = (
    pytest.param(
        Issue(Code.MISSING_COLUMN, context={"expected": "source", "nearest": ""}),
        "La colonne «\u00a0source\u00a0» manque, et le fichier ne se lit pas sans elle. Ajoutez-la, ou repartez "
        "du modèle.",
        "The column “source” is missing, and the file cannot be read without it. Add it, or start again from the "
        "template.",
        id="missing_column",
    ),
    pytest.param(
        Issue(Code.MISSING_COLUMN, context={"expected": "periode", "nearest": "périod"}),
        "La colonne «\u00a0periode\u00a0» manque, et le fichier ne se lit pas sans elle\u202f; «\u00a0"
        "périod\u00a0» lui ressemble. Si c’est elle, renommez-la en «\u00a0periode\u00a0»\u202f; sinon, "
        "ajoutez-la.",
        "The column “periode” is missing, and the file cannot be read without it; “périod” looks like it. If "
        "that is the one, rename it to “periode”; if not, add it.",
        id="missing_column_with_one_like_it",
    ),
    pytest.param(
        Issue(Code.WRONG_TERRITORY, 3, "code_territoire", "FR-99-LILAS"),
        "Ligne 3, colonne «\u00a0code_territoire\u00a0»\u00a0: «\u00a0FR-99-LILAS\u00a0» n’est pas votre "
        "territoire. Vérifiez le code, ou déposez ce fichier depuis le territoire concerné.",
        "Line 3, column “code_territoire”: “FR-99-LILAS” is not your territory. Check the code, or send this "
        "file from the territory concerned.",
        id="wrong_territory",
    ),
    pytest.param(
        Issue(Code.WRONG_TERRITORY, 3, "code_territoire", "FR-99-LILAS", {"own": "FR-99-TILLEULS"}),
        "Ligne 3, colonne «\u00a0code_territoire\u00a0»\u00a0: «\u00a0FR-99-LILAS\u00a0» n’est pas votre "
        "territoire (FR-99-TILLEULS). Écrivez son code, ou déposez ce fichier depuis le territoire concerné.",
        "Line 3, column “code_territoire”: “FR-99-LILAS” is not your territory (FR-99-TILLEULS). Write its code, "
        "or send this file from the territory concerned.",
        id="wrong_territory_of_few",
    ),
    pytest.param(
        Issue(Code.WRONG_TERRITORY, 3, "Lieu", "Lyon", {"mapping": "insee"}),
        "Ligne 3, colonne «\u00a0Lieu\u00a0»\u00a0: «\u00a0Lyon\u00a0» n’est pas un territoire de la "
        "correspondance «\u00a0insee\u00a0». Ajoutez-le à la correspondance, ou retirez la ligne.",
        "Line 3, column “Lieu”: “Lyon” is not a territory of the mapping “insee”. Add it to the mapping, or "
        "remove the line.",
        id="wrong_territory_of_a_mapping",
    ),
    pytest.param(
        Issue(Code.WRONG_TERRITORY, 3, "code_territoire", "", {"own": "FR-99-TILLEULS"}),
        "Ligne 3, colonne «\u00a0code_territoire\u00a0»\u00a0: le code du territoire manque, et nous ne savons "
        "pas de qui est ce chiffre. Écrivez-le sur chaque ligne.",
        "Line 3, column “code_territoire”: the code of the territory is missing, and we do not know whose figure "
        "this is. Write it on every line.",
        id="no_territory",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_INDICATOR, 3, "code_indicateur", "XYZ", {"nearest": ""}),
        "Ligne 3, colonne «\u00a0code_indicateur\u00a0»\u00a0: «\u00a0XYZ\u00a0» n’est pas un indicateur du "
        "catalogue. Écrivez un code du catalogue, comme dans le modèle.",
        "Line 3, column “code_indicateur”: “XYZ” is not an indicator of the catalogue. Write a code of the "
        "catalogue, as in the template.",
        id="unknown_indicator",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_INDICATOR, 3, "code_indicateur", "JEU01", {"nearest": "JEU-01"}),
        "Ligne 3, colonne «\u00a0code_indicateur\u00a0»\u00a0: «\u00a0JEU01\u00a0» n’est pas un indicateur du "
        "catalogue. Vouliez-vous écrire JEU-01\u202f?",
        "Line 3, column “code_indicateur”: “JEU01” is not an indicator of the catalogue. Did you mean JEU-01?",
        id="unknown_indicator_with_one_like_it",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_INDICATOR, 3, "code_indicateur", "", {"nearest": ""}),
        "Ligne 3, colonne «\u00a0code_indicateur\u00a0»\u00a0: le code de l’indicateur manque, et nous ne savons "
        "pas ce que mesure ce chiffre. Écrivez un code du catalogue, comme dans le modèle.",
        "Line 3, column “code_indicateur”: the code of the indicator is missing, and we do not know what this "
        "figure measures. Write a code of the catalogue, as in the template.",
        id="no_indicator",
    ),
    pytest.param(
        Issue(Code.UNREADABLE_PERIOD, 3, "periode", "été 2026"),
        "Ligne 3, colonne «\u00a0periode\u00a0»\u00a0: «\u00a0été 2026\u00a0» n’est pas une période que nous "
        "savons lire. Écrivez par exemple 2026-T3 pour un trimestre, 2025 pour une année.",
        "Line 3, column “periode”: “été 2026” is not a period we can read. Write for instance 2026-Q3 for a "
        "quarter, 2025 for a year.",
        id="unreadable_period",
    ),
    pytest.param(
        Issue(Code.UNREADABLE_PERIOD, 3, "periode", "03/2026"),
        "Ligne 3, colonne «\u00a0periode\u00a0»\u00a0: «\u00a003/2026\u00a0» est un mois, pas un trimestre\u00a0"
        ": nous ne choisissons pas à votre place. Écrivez par exemple 2026-T3.",
        "Line 3, column “periode”: “03/2026” is a month, not a quarter: we do not choose for you. Write for "
        "instance 2026-Q3.",
        id="month_for_a_period",
    ),
    pytest.param(
        Issue(Code.UNREADABLE_PERIOD, 3, "periode", "2026-07-01"),
        "Ligne 3, colonne «\u00a0periode\u00a0»\u00a0: «\u00a02026-07-01\u00a0» est un jour\u00a0: le tableur a "
        "sans doute changé la période en date. Mettez la colonne au format texte et écrivez par exemple 2026-T3.",
        "Line 3, column “periode”: “2026-07-01” is a day: the spreadsheet has probably turned the period into a "
        "date. Set the column to text and write for instance 2026-Q3.",
        id="day_for_a_period",
    ),
    pytest.param(
        Issue(Code.UNREADABLE_PERIOD, 3, "periode", ""),
        "Ligne 3, colonne «\u00a0periode\u00a0»\u00a0: la période manque, et nous ne savons pas de quand est ce "
        "chiffre. Écrivez par exemple 2026-T3 pour un trimestre, 2025 pour une année.",
        "Line 3, column “periode”: the period is missing, and we do not know when this figure is from. Write for "
        "instance 2026-Q3 for a quarter, 2025 for a year.",
        id="no_period",
    ),
    pytest.param(
        Issue(
            Code.WRONG_FREQUENCY,
            3,
            "periode",
            "2026",
            {"indicator": "JEU-01", "frequency": "quarter", "period": "2026"},
        ),
        "Ligne 3, colonne «\u00a0periode\u00a0»\u00a0: JEU-01 est une donnée trimestrielle\u202f; «\u00a0"
        "2026\u00a0» est une période d’une autre sorte. Changez la période, ou l’indicateur.",
        "Line 3, column “periode”: JEU-01 is a quarterly figure; “2026” is another kind of period. Change the "
        "period, or the indicator.",
        id="wrong_frequency",
    ),
    pytest.param(
        Issue(Code.FUTURE_PERIOD, 3, "periode", "2027-T4"),
        "Ligne 3, colonne «\u00a0periode\u00a0»\u00a0: la période «\u00a02027-T4\u00a0» n’est pas encore "
        "terminée, et son chiffre peut encore changer. Attendez sa fin, ou corrigez la période.",
        "Line 3, column “periode”: the period “2027-T4” is not over yet, and its figure may still change. Wait "
        "for its end, or correct the period.",
        id="future_period",
    ),
    pytest.param(
        Issue(Code.UNREADABLE_NUMBER, 3, "valeur", "environ 40"),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: «\u00a0environ 40\u00a0» n’est pas un nombre. Écrivez un "
        "nombre comme 1\u202f234,5, ou n.d. si la donnée n’est pas disponible.",
        "Line 3, column “valeur”: “environ 40” is not a number. Write a number such as 1234.5, or n.d. if the "
        "figure is not available.",
        id="unreadable_number",
    ),
    pytest.param(
        Issue(Code.UNREADABLE_NUMBER, 3, "numerateur", "1,234", {"twice": "1"}),
        "Ligne 3, colonne «\u00a0numerateur\u00a0»\u00a0: «\u00a01,234\u00a0» peut se lire de deux façons\u00a0: "
        "un millier ou un peu plus de un. Écrivez 1234 sans séparateur, ou moins de trois décimales.",
        "Line 3, column “numerateur”: “1,234” can be read in two ways: a thousand, or a little over one. Write "
        "1234 without a separator, or fewer than three decimals.",
        id="number_read_in_two_ways",
    ),
    pytest.param(
        Issue(Code.UNREADABLE_NUMBER, 3, "numerateur", "30 %", {"percent": "1"}),
        "Ligne 3, colonne «\u00a0numerateur\u00a0»\u00a0: «\u00a030 %\u00a0» est un pourcentage, et cette case "
        "attend un nombre simple. Écrivez ce nombre, sans «\u00a0%\u00a0».",
        "Line 3, column “numerateur”: “30 %” is a percentage, and this cell needs a plain number. Write that "
        "number, without “%”.",
        id="percent_of_persons",
    ),
    pytest.param(
        Issue(Code.NUMERATOR_ABOVE_DENOMINATOR, 3, "numerateur", "142", {"denominator": "38"}),
        "Ligne 3, colonne «\u00a0numerateur\u00a0»\u00a0: le numérateur 142 dépasse le dénominateur 38. Une part "
        "ne peut pas dépasser le tout\u202f; vérifiez les deux nombres.",
        "Line 3, column “numerateur”: the numerator 142 is above the denominator 38. A part cannot exceed the "
        "whole; check both numbers.",
        id="numerator_above_denominator",
    ),
    pytest.param(
        Issue(Code.MISSING_DENOMINATOR, 14, "denominateur", "", {"indicator": "JEU-01"}),
        "Ligne 14, colonne «\u00a0denominateur\u00a0»\u00a0: la case est vide. JEU-01 est un taux\u00a0: il faut "
        "le nombre total. Saisissez-le, ou mettez «\u00a0non_disponible\u00a0» dans «\u00a0statut\u00a0» avec la "
        "raison.",
        "Line 14, column “denominateur”: the cell is empty. JEU-01 is a rate: the total number is needed. Enter "
        "it, or put “non_disponible” in “statut” with the reason.",
        id="missing_denominator",
    ),
    pytest.param(
        Issue(Code.MISSING_DENOMINATOR, 14, "denominateur", "0", {"indicator": "JEU-01"}),
        "Ligne 14, colonne «\u00a0denominateur\u00a0»\u00a0: un dénominateur de 0 ne permet pas de calculer "
        "JEU-01. Corrigez-le\u202f; s’il n’y avait personne à compter, videz les nombres et mettez «\u00a0"
        "sans_objet\u00a0» dans «\u00a0statut\u00a0».",
        "Line 14, column “denominateur”: a denominator of 0 makes JEU-01 impossible to compute. Correct it; if "
        "there was nobody to count, empty the numbers and put “sans_objet” in “statut”.",
        id="denominator_of_zero",
    ),
    pytest.param(
        Issue(Code.MISSING_DENOMINATOR, 14, "denominateur", "", {"indicator": "JEU-01", "value": "26,8"}),
        "Ligne 14, colonne «\u00a0denominateur\u00a0»\u00a0: JEU-01 est un taux dont il faut le numérateur et le "
        "dénominateur, pas seulement «\u00a026,8\u00a0». Ajoutez ces deux nombres, ou déposez la ligne avec "
        "«\u00a0non_disponible\u00a0» dans «\u00a0statut\u00a0» et la raison.",
        "Line 14, column “denominateur”: JEU-01 is a rate that needs its numerator and its denominator, not "
        "“26,8” alone. Add both numbers, or send the line with “non_disponible” in “statut” and the reason.",
        id="rate_without_its_parts",
    ),
    pytest.param(
        Issue(Code.OUT_OF_RANGE, 3, "valeur", "268", {"low": "0.0", "high": "100.0"}),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: 268 est hors des bornes possibles (0 à 100). Écrivez un "
        "nombre entre les deux, ou n.d. s’il n’est pas disponible.",
        "Line 3, column “valeur”: 268 is outside what is possible (0 to 100). Write a number between the two, or "
        "n.d. if it is not available.",
        id="out_of_range",
    ),
    pytest.param(
        Issue(Code.OUT_OF_RANGE, 3, "numerateur", "-4", {"low": "0", "high": "inf"}),
        "Ligne 3, colonne «\u00a0numerateur\u00a0»\u00a0: -4 est impossible\u00a0: le nombre doit être au moins "
        "0. Corrigez-le, ou écrivez n.d. s’il n’est pas disponible.",
        "Line 3, column “numerateur”: -4 is impossible: the number must be at least 0. Correct it, or write n.d. "
        "if it is not available.",
        id="out_of_range_without_highest",
    ),
    pytest.param(
        Issue(Code.VALUE_DISAGREES, 3, "valeur", "28,6", {"numerator": "38", "denominator": "142"}),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: la valeur 28,6 ne correspond pas à 38 sur 142. Corrigez "
        "l’un des trois nombres, ou laissez «\u00a0valeur\u00a0» vide\u00a0: nous la calculons.",
        "Line 3, column “valeur”: the value 28,6 does not match 38 of 142. Correct one of the three, or leave "
        "“valeur” empty: we compute it.",
        id="value_disagrees",
    ),
    pytest.param(
        Issue(Code.VALUE_DISAGREES, 3, "valeur", "0,27", {"numerator": "38", "denominator": "142", "fraction": "1"}),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: «\u00a00,27\u00a0» ressemble à une fraction\u00a0: 38 sur "
        "142 s’écrit en pour cent. Multipliez par cent, ou laissez «\u00a0valeur\u00a0» vide\u00a0: nous la "
        "calculons.",
        "Line 3, column “valeur”: “0,27” looks like a fraction: 38 of 142 is written in percent. Multiply by one "
        "hundred, or leave “valeur” empty: we compute it.",
        id="value_is_a_fraction",
    ),
    pytest.param(
        Issue(Code.VALUE_DISAGREES, 3, "statut", "n.d.", {"status": "non_disponible"}),
        "Ligne 3, colonne «\u00a0statut\u00a0»\u00a0: le statut dit «\u00a0non_disponible\u00a0», mais la ligne "
        "porte un nombre. Retirez le nombre, ou changez le statut.",
        "Line 3, column “statut”: the status says “non_disponible”, but the line holds a number. Remove the "
        "number, or change the status.",
        id="value_under_a_status_without_one",
    ),
    pytest.param(
        Issue(Code.DUPLICATE_KEY, 4, "code_indicateur", "JEU-01", {"lines": "4, 9"}),
        "Ligne 4, colonne «\u00a0code_indicateur\u00a0»\u00a0: la même donnée est écrite plusieurs fois (lignes "
        "4, 9), et nous ne choisissons pas à votre place. Gardez une seule de ces lignes.",
        "Line 4, column “code_indicateur”: the same figure is written several times (lines 4, 9), and we do not "
        "choose for you. Keep one of these lines.",
        id="duplicate_key",
    ),
    pytest.param(
        Issue(
            Code.UNKNOWN_CATEGORY,
            3,
            "modalite",
            "filles",
            {"dimension": "sexe", "words": "femmes, hommes", "dimensions": "total, sexe, age"},
        ),
        "Ligne 3, colonne «\u00a0modalite\u00a0»\u00a0: «\u00a0filles\u00a0» n’est pas une modalité de «\u00a0"
        "sexe\u00a0». Écrivez l’une de celles-ci\u00a0: femmes, hommes.",
        "Line 3, column “modalite”: “filles” is not a category of “sexe”. Write one of these: femmes, hommes.",
        id="unknown_category",
    ),
    pytest.param(
        Issue(
            Code.UNKNOWN_CATEGORY,
            3,
            "modalite",
            "",
            {"dimension": "sexe", "words": "femmes, hommes", "dimensions": "total, sexe, age"},
        ),
        "Ligne 3, colonne «\u00a0modalite\u00a0»\u00a0: la modalité manque, et la ventilation «\u00a0sexe\u00a0» "
        "en demande une. Écrivez l’une de celles-ci\u00a0: femmes, hommes.",
        "Line 3, column “modalite”: the category is missing, and the breakdown “sexe” needs one. Write one of "
        "these: femmes, hommes.",
        id="no_category",
    ),
    pytest.param(
        Issue(
            Code.UNKNOWN_CATEGORY,
            3,
            "modalite",
            "2026-10-06",
            {"dimension": "age", "words": "0-5, 6-10", "dimensions": "age"},
        ),
        "Ligne 3, colonne «\u00a0modalite\u00a0»\u00a0: «\u00a02026-10-06\u00a0»\u00a0: le tableur a changé "
        "cette modalité en date. Mettez la colonne au format texte et écrivez l’une de celles-ci\u00a0: 0-5, "
        "6-10.",
        "Line 3, column “modalite”: “2026-10-06”: the spreadsheet has turned this category into a date. Set the "
        "column to text and write one of these: 0-5, 6-10.",
        id="day_for_a_category",
    ),
    pytest.param(
        Issue(
            Code.UNKNOWN_CATEGORY,
            3,
            "modalite",
            "femmes",
            {"dimension": "total", "words": "", "dimensions": "sexe, age"},
        ),
        "Ligne 3, colonne «\u00a0modalite\u00a0»\u00a0: «\u00a0femmes\u00a0» est une modalité sans ventilation. "
        "Dites laquelle dans «\u00a0ventilation\u00a0»\u00a0: sexe, age.",
        "Line 3, column “modalite”: “femmes” is a category without a breakdown. Say which in “ventilation”: sexe, age.",
        id="category_without_breakdown",
    ),
    pytest.param(
        Issue(
            Code.UNKNOWN_CATEGORY,
            3,
            "ventilation",
            "genre",
            {"dimension": "genre", "words": "", "dimensions": "sexe, age"},
        ),
        "Ligne 3, colonne «\u00a0ventilation\u00a0»\u00a0: «\u00a0genre\u00a0» n’est pas une ventilation connue. "
        "Écrivez l’une de celles-ci\u00a0: sexe, age.",
        "Line 3, column “ventilation”: “genre” is not a known breakdown. Write one of these: sexe, age.",
        id="unknown_breakdown",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_QUARTIER, 3, "code_quartier", "QP044003"),
        "Ligne 3, colonne «\u00a0code_quartier\u00a0»\u00a0: le quartier «\u00a0QP044003\u00a0» n’est pas "
        "rattaché à ce territoire à cette période. Vérifiez le code, ou laissez la case vide pour tout le "
        "territoire.",
        "Line 3, column “code_quartier”: the quartier “QP044003” is not attached to this territory at that "
        "period. Check the code, or leave the cell empty for the whole territory.",
        id="unknown_quartier",
    ),
    pytest.param(
        Issue(Code.PERSONAL_DATA, None, "Nom de naissance", None, {"kind": "heading"}),
        "Colonne «\u00a0Nom de naissance\u00a0»\u00a0: le nom de cette colonne annonce des données personnelles, "
        "et aucune n’entre ici. Le fichier entier est refusé et rien n’en est gardé\u202f; retirez cette donnée, "
        "puis déposez à nouveau.",
        "Column “Nom de naissance”: the name of this column announces personal data, and none enters here. The "
        "whole file is refused and nothing of it is kept; remove it, then send the file again.",
        id="persons_in_a_heading",
    ),
    pytest.param(
        Issue(Code.PERSONAL_DATA, 3, "commentaire", None, {"kind": "nir"}),
        "Ligne 3, colonne «\u00a0commentaire\u00a0»\u00a0: on y lit ce qui ressemble à un numéro de sécurité "
        "sociale, et aucune donnée personnelle n’entre ici. Le fichier entier est refusé et rien n’en est "
        "gardé\u202f; retirez cette donnée, puis déposez à nouveau.",
        "Line 3, column “commentaire”: it holds what looks like a social security number, and no personal data "
        "enters here. The whole file is refused and nothing of it is kept; remove it, then send the file again.",
        id="social_security_number",
    ),
    pytest.param(
        Issue(Code.PERSONAL_DATA, context={"kind": "email", "place": "filename"}),
        "Nom du fichier\u00a0: on y lit ce qui ressemble à une adresse électronique, et aucune donnée "
        "personnelle n’entre ici. Le fichier entier est refusé et rien n’en est gardé\u202f; retirez cette "
        "donnée, puis déposez à nouveau.",
        "Name of the file: it holds what looks like an e-mail address, and no personal data enters here. The "
        "whole file is refused and nothing of it is kept; remove it, then send the file again.",
        id="e_mail_in_the_file_name",
    ),
    pytest.param(
        Issue(Code.PERSONAL_DATA, 3, None, None, {"kind": "phone", "sheet": "Liste"}),
        "Feuille «\u00a0Liste\u00a0», ligne 3\u00a0: on y lit ce qui ressemble à un numéro de téléphone, et "
        "aucune donnée personnelle n’entre ici. Le fichier entier est refusé et rien n’en est gardé\u202f; "
        "retirez cette donnée, puis déposez à nouveau.",
        "Sheet “Liste”, line 3: it holds what looks like a telephone number, and no personal data enters here. "
        "The whole file is refused and nothing of it is kept; remove it, then send the file again.",
        id="telephone_on_another_sheet",
    ),
    pytest.param(
        Issue(Code.PERSONAL_DATA, 3, "commentaire", None, {"kind": "iban"}),
        "Ligne 3, colonne «\u00a0commentaire\u00a0»\u00a0: on y lit ce qui ressemble à un numéro de compte "
        "bancaire, et aucune donnée personnelle n’entre ici. Le fichier entier est refusé et rien n’en est "
        "gardé\u202f; retirez cette donnée, puis déposez à nouveau.",
        "Line 3, column “commentaire”: it holds what looks like a bank account number, and no personal data "
        "enters here. The whole file is refused and nothing of it is kept; remove it, then send the file again.",
        id="bank_account",
    ),
    pytest.param(
        Issue(Code.PERSONAL_DATA, None, "ne_le", None, {"kind": "birth_date"}),
        "Colonne «\u00a0ne_le\u00a0»\u00a0: les jours de cette colonne ressemblent à des dates de naissance, et "
        "aucune donnée personnelle n’entre ici. Le fichier entier est refusé et rien n’en est gardé\u202f; "
        "retirez cette colonne, puis déposez à nouveau.",
        "Column “ne_le”: the days of this column look like dates of birth, and no personal data enters here. The "
        "whole file is refused and nothing of it is kept; remove this column, then send the file again.",
        id="dates_of_birth",
    ),
    pytest.param(
        Issue(Code.PERSONAL_DATA, context={"kind": "person_a_row"}),
        "Plus de cinquante lignes comptent une personne sur une\u00a0: le fichier semble avoir une ligne par "
        "personne. Le fichier entier est refusé et rien n’en est gardé\u202f; additionnez ces lignes par "
        "quartier et par période, puis déposez à nouveau.",
        "More than fifty rows count one person out of one: the file seems to have one row per person. The whole "
        "file is refused and nothing of it is kept; add these rows up by quartier and period, then send the file "
        "again.",
        id="one_person_a_row",
    ),
    pytest.param(
        Issue(Code.SPREADSHEET_ERROR, 3, "valeur", "#DIV/0!"),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: «\u00a0#DIV/0!\u00a0» est une erreur de calcul du tableur. "
        "Corrigez la formule, ou écrivez le nombre.",
        "Line 3, column “valeur”: “#DIV/0!” is a calculation error of the spreadsheet. Correct the formula, or "
        "write the number.",
        id="spreadsheet_error",
    ),
    pytest.param(
        Issue(Code.MISSING_COMMENT, 3, "commentaire", "", {"status": "rupture"}),
        "Ligne 3, colonne «\u00a0commentaire\u00a0»\u00a0: la case est vide, et le statut «\u00a0rupture\u00a0» "
        "demande une raison. Écrivez-la dans «\u00a0commentaire\u00a0», sans nommer personne.",
        "Line 3, column “commentaire”: the cell is empty, and the status “rupture” needs a reason. Write it in "
        "“commentaire”, without naming anybody.",
        id="missing_comment",
    ),
    pytest.param(
        Issue(Code.MISSING_VALUE, 3, "valeur", "-", {"indicator": "JEU-01"}),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: rien n’est dit pour JEU-01\u00a0: est-ce zéro, ou une "
        "donnée absente\u202f? Écrivez 0, ou n.d. si elle n’est pas disponible.",
        "Line 3, column “valeur”: nothing is said for JEU-01: is it zero, or a missing figure? Write 0, or n.d. "
        "if it is not available.",
        id="missing_value",
    ),
    pytest.param(
        Issue(Code.MISSING_VALUE, 3, "source", "", {"what": "source"}),
        "Ligne 3, colonne «\u00a0source\u00a0»\u00a0: la source manque, et un chiffre se lit avec elle. Écrivez "
        "d’où il vient, par exemple «\u00a0Mission locale\u00a0».",
        "Line 3, column “source”: the source is missing, and a figure is read with it. Write where it comes "
        "from, for instance “Mission locale”.",
        id="missing_source",
    ),
    pytest.param(
        Issue(Code.UNREADABLE_DATE, 3, "date_reference", "fin septembre"),
        "Ligne 3, colonne «\u00a0date_reference\u00a0»\u00a0: «\u00a0fin septembre\u00a0» n’est pas une date que "
        "nous savons lire. Écrivez par exemple 30/09/2026, ou laissez la case vide.",
        "Line 3, column “date_reference”: “fin septembre” is not a date we can read. Write for instance "
        "30/09/2026, or leave the cell empty.",
        id="unreadable_date",
    ),
    pytest.param(
        Issue(Code.DATE_OUTSIDE_PERIOD, 3, "date_reference", "15/10/2026", {"period": "2026-Q3"}),
        "Ligne 3, colonne «\u00a0date_reference\u00a0»\u00a0: le 15/10/2026 n’est pas dans la période T3 2026. "
        "Cet indicateur se mesure au dernier jour de la période\u202f; corrigez la date ou la période.",
        "Line 3, column “date_reference”: 15/10/2026 is not within Q3 2026. This indicator is measured on the "
        "last day of the period; correct the date or the period.",
        id="date_outside_period",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_WORD, 3, "confidentialite", "privé", {"words": "libre, interne, secret"}),
        "Ligne 3, colonne «\u00a0confidentialite\u00a0»\u00a0: «\u00a0privé\u00a0» n’est pas un mot prévu ici. "
        "Écrivez l’un de ceux-ci\u00a0: libre, interne, secret.",
        "Line 3, column “confidentialite”: “privé” is not a word expected here. Write one of these: libre, "
        "interne, secret.",
        id="unknown_word",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_WORD, 3, "Statut", "SD", {"mapping": "insee"}),
        "Ligne 3, colonne «\u00a0Statut\u00a0»\u00a0: «\u00a0SD\u00a0» n’a pas de sens dans la correspondance "
        "«\u00a0insee\u00a0». Ajoutez-y ce mot, ou corrigez la case.",
        "Line 3, column “Statut”: “SD” has no meaning in the mapping “insee”. Add this word to it, or correct "
        "the cell.",
        id="word_that_a_mapping_lacks",
    ),
    pytest.param(
        Issue(Code.TOO_LONG, 3, "source", "Mission locale…", {"length": "130", "longest": "120"}),
        "Ligne 3, colonne «\u00a0source\u00a0»\u00a0: le texte compte 130 caractères («\u00a0Mission "
        "locale…\u00a0»), et nous en gardons 120 au plus. Raccourcissez-le.",
        "Line 3, column “source”: the text has 130 characters (“Mission locale…”), and we keep 120 at most. "
        "Shorten it.",
        id="too_long",
    ),
    pytest.param(
        Issue(Code.TOO_LONG, 3, "source", "Mission locale…", {"length": "130"}),
        "Ligne 3, colonne «\u00a0source\u00a0»\u00a0: le texte compte 130 caractères («\u00a0Mission "
        "locale…\u00a0»). Raccourcissez-le.",
        "Line 3, column “source”: the text has 130 characters (“Mission locale…”). Shorten it.",
        id="too_long_of_an_older_deposit",
    ),
    pytest.param(
        Issue(Code.LONG_ROW, 3, context={"cells": "18", "headings": "16"}),
        "Ligne 3\u00a0: cette ligne a 18 cases pour 16 titres\u00a0: rien n’en est pris. Si vos décimales ont "
        "une virgule, séparez les colonnes par un point-virgule\u202f; sinon, retirez ce qui dépasse.",
        "Line 3: this line has 18 cells under 16 headings: nothing of it is taken. If your decimals have a "
        "comma, separate columns by a semicolon; otherwise remove what is beyond the last heading.",
        id="long_row",
    ),
    pytest.param(
        Issue(Code.SEVERAL_SHEETS, found="T3, T3 corrigé"),
        "Les feuilles T3, T3 corrigé ont toutes les colonnes du modèle\u00a0: dites laquelle est à déposer, dans "
        "«\u00a0Feuille à déposer\u00a0» (ou par l’option --sheet de la ligne de commande).",
        "Sheets T3, T3 corrigé all have the columns of the template: say which one is to be sent, in “Sheet to "
        "send” (or by the option --sheet of the command line).",
        id="several_sheets",
    ),
    pytest.param(
        Issue(Code.LAYOUT_QUESTION, found="Nord, Sud", context={"about": "sheets"}),
        "Les feuilles Nord, Sud ont la même forme\u00a0: dites si leurs noms sont des territoires ou des "
        "indicateurs. Répondez une fois sur la page Déposer, ou avec la clé «\u00a0sheets\u00a0» d’une "
        "correspondance.",
        "The sheets Nord, Sud have the same shape: say whether their names are territories or indicators. Answer "
        "once on the Deposit page, or with the key “sheets” of a mapping.",
        id="sheets_to_explain",
    ),
    pytest.param(
        Issue(Code.LAYOUT_QUESTION, None, "Série", context={"about": "column"}),
        "Colonne «\u00a0Série\u00a0»\u00a0: deux lignes du tableau ont la même clé\u00a0: dites ce que disent "
        "les cases de cette colonne (territoire, indicateur, ventilation). Répondez une fois sur la page "
        "Déposer, ou avec la clé «\u00a0columns\u00a0» d’une correspondance.",
        "Column “Série”: two rows of the table have the same key: say what the cells of this column stand for "
        "(territory, indicator, breakdown). Answer once on the Deposit page, or with the key “columns” of a "
        "mapping.",
        id="column_to_explain",
    ),
    pytest.param(
        Issue(Code.LAYOUT_QUESTION, None, "Lieu", "Les Tilleuls", {"about": "place"}),
        "Colonne «\u00a0Lieu\u00a0»\u00a0: aucune ligne n’est reconnue comme Les Tilleuls\u00a0: dites laquelle. "
        "Répondez une fois sur la page Déposer, ou avec la clé «\u00a0territories\u00a0» d’une correspondance.",
        "Column “Lieu”: no row is recognised as Les Tilleuls: say which one is. Answer once on the Deposit page, "
        "or with the key “territories” of a mapping.",
        id="place_to_explain",
    ),
    pytest.param(
        Issue(Code.LAYOUT_QUESTION, None, "Statistique", "Série A", {"about": "indicator"}),
        "Colonne «\u00a0Statistique\u00a0»\u00a0: «\u00a0Série A\u00a0» n’est pas un indicateur du "
        "catalogue\u00a0: dites lequel c’est. Répondez une fois sur la page Déposer, ou avec la clé «\u00a0"
        "indicators\u00a0» d’une correspondance.",
        "Column “Statistique”: “Série A” is not an indicator of the catalogue: say which one it is. Answer once "
        "on the Deposit page, or with the key “indicators” of a mapping.",
        id="indicator_to_explain",
    ),
    pytest.param(
        Issue(Code.LAYOUT_QUESTION, context={"about": "indicator"}),
        "Aucune colonne ne dit quel indicateur ces chiffres mesurent. Répondez une fois sur la page Déposer, ou "
        "avec la clé «\u00a0indicator_code\u00a0» d’une correspondance.",
        "No column says which indicator these figures measure. Answer once on the Deposit page, or with the key "
        "“indicator_code” of a mapping.",
        id="indicator_of_the_whole_table",
    ),
    pytest.param(
        Issue(Code.LAYOUT_QUESTION, None, "Sexe", "F", {"about": "category"}),
        "Colonne «\u00a0Sexe\u00a0»\u00a0: «\u00a0F\u00a0» n’est pas une modalité connue\u00a0: dites laquelle "
        "c’est. Répondez une fois sur la page Déposer, ou avec la clé «\u00a0categories\u00a0» d’une "
        "correspondance.",
        "Column “Sexe”: “F” is not a known category: say which one it is. Answer once on the Deposit page, or "
        "with the key “categories” of a mapping.",
        id="category_to_explain",
    ),
    pytest.param(
        Issue(Code.LAYOUT_QUESTION, None, "Statut", "SD", {"about": "status"}),
        "Colonne «\u00a0Statut\u00a0»\u00a0: «\u00a0SD\u00a0» n’est pas un statut connu\u00a0: dites ce qu’il "
        "veut dire. Répondez une fois sur la page Déposer, ou avec la clé «\u00a0statuses\u00a0» d’une "
        "correspondance.",
        "Column “Statut”: “SD” is not a known status: say what it means. Answer once on the Deposit page, or "
        "with the key “statuses” of a mapping.",
        id="status_to_explain",
    ),
    pytest.param(
        Issue(Code.LAYOUT_QUESTION, context={"about": "source"}),
        "Aucune colonne ne dit d’où viennent ces chiffres. Répondez une fois sur la page Déposer, ou avec la clé "
        "«\u00a0source\u00a0» d’une correspondance.",
        "No column says where these figures come from. Answer once on the Deposit page, or with the key “source” "
        "of a mapping.",
        id="source_to_explain",
    ),
    pytest.param(
        Issue(Code.NOT_AN_OBSERVATION, 3, "ACTION", "D", {"kind": "deletion"}),
        "Ligne 3, colonne «\u00a0ACTION\u00a0»\u00a0: cette ligne demande d’effacer une valeur\u00a0: rien ne "
        "s’efface ici. Retirez la ligne\u202f; pour reprendre une valeur, déposez-la avec le statut «\u00a0"
        "non_disponible\u00a0» et sa raison.",
        "Line 3, column “ACTION”: this row asks for a value to be deleted: nothing is deleted here. Remove the "
        "row; to take a value back, send it with the status “non_disponible” and the reason.",
        id="deletion",
    ),
    pytest.param(
        Issue(Code.NOT_AN_OBSERVATION, 3, "UNIT_MULT", "3", {"kind": "multiplier"}),
        "Ligne 3, colonne «\u00a0UNIT_MULT\u00a0»\u00a0: la valeur est à multiplier par 10 à la puissance 3, et "
        "nous ne calculons pas à votre place. Écrivez le nombre en entier, ou exportez sans multiplicateur.",
        "Line 3, column “UNIT_MULT”: the value is to be multiplied by 10 to the power 3, and we do not compute "
        "for you. Write the number in full, or export without a multiplier.",
        id="multiplier",
    ),
    pytest.param(
        Issue(Code.NOT_AN_OBSERVATION, 3, "Sexe, Âge", None, {"kind": "two_breakdowns"}),
        "Ligne 3, colonne «\u00a0Sexe, Âge\u00a0»\u00a0: la ligne croise deux ventilations. Un indicateur se lit "
        "par une ventilation à la fois\u00a0: retirez la ligne, ou laissez une seule des deux cases remplie.",
        "Line 3, column “Sexe, Âge”: the row crosses two breakdowns. An indicator is read by one breakdown at a "
        "time: remove the row, or leave only one of the cells filled.",
        id="two_breakdowns",
    ),
    pytest.param(
        Issue(Code.MAYBE_FRACTION, 3, "valeur", "0,35"),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: «\u00a00,35\u00a0»\u00a0: est-ce 0,35\u00a0%, ou une "
        "fraction à multiplier par cent\u202f? Nous ne choisissons pas à votre place\u202f; si c’est une "
        "fraction, multipliez-la par cent.",
        "Line 3, column “valeur”: “0,35”: is it 0,35%, or a fraction to be multiplied by a hundred? We do not "
        "choose for you; if it is a fraction, multiply it by a hundred.",
        id="maybe_fraction",
    ),
    pytest.param(
        Issue(
            Code.PARTS_DO_NOT_SUM, 3, "numerateur", "140", {"indicator": "JEU-01", "dimension": "sexe", "sum": "142"}
        ),
        "Ligne 3, colonne «\u00a0numerateur\u00a0»\u00a0: le total de JEU-01 (140) n’est pas la somme de la "
        "ventilation «\u00a0sexe\u00a0» (142). Vérifiez le total et ses parties, ou expliquez l’écart dans le "
        "commentaire.",
        "Line 3, column “numerateur”: the total of JEU-01 (140) is not the sum of the breakdown “sexe” (142). "
        "Check the total and its parts, or explain the gap in the comment.",
        id="parts_do_not_sum",
    ),
    pytest.param(
        Issue(
            Code.UNUSUAL_CHANGE,
            3,
            "valeur",
            "841",
            {"indicator": "ALI-02", "kind": "change", "before": "184", "reference": "2026-Q2"},
        ),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: ALI-02 passe de 184 (T2 2026) à 841\u00a0: c’est plus que "
        "la variation ordinaire. Vérifiez le chiffre, ou dites dans le commentaire ce qui a changé.",
        "Line 3, column “valeur”: ALI-02 goes from 184 (Q2 2026) to 841: more than ordinary variation. Check the "
        "figure, or say in the comment what has changed.",
        id="unusual_change",
    ),
    pytest.param(
        Issue(
            Code.UNUSUAL_CHANGE,
            3,
            "valeur",
            "41.5",
            {"indicator": "JEU-01", "kind": "limits", "low": "20.3", "high": "33"},
        ),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: JEU-01 vaut 41,5, hors de sa variation ordinaire jusqu’ici "
        "(de 20,3 à 33). Vérifiez le chiffre, ou dites dans le commentaire ce qui a changé.",
        "Line 3, column “valeur”: JEU-01 is 41.5, outside its ordinary variation so far (20.3 to 33). Check the "
        "figure, or say in the comment what has changed.",
        id="outside_its_ordinary_limits",
    ),
    pytest.param(
        Issue(Code.COPIED_FROM_LAST_QUARTER, context={"indicators": "ALI-02, JEU-01, JEU-04", "lines": "2, 3, 4"}),
        "ALI-02, JEU-01, JEU-04 ont exactement les chiffres de la période d’avant (lignes 2, 3, 4), ce qui est "
        "rare. Vérifiez que ce n’est pas une copie oubliée\u202f; si les chiffres sont justes, laissez-les.",
        "ALI-02, JEU-01, JEU-04 have exactly the figures of the period before (lines 2, 3, 4), which is rare. "
        "Check that this is not a forgotten copy; if the figures are right, leave them.",
        id="copied_from_last_quarter",
    ),
    pytest.param(
        Issue(Code.SMALL_COUNT, 3, "numerateur", "3", {"indicator": "JEU-01", "period": "2026-Q3"}),
        "Ligne 3, colonne «\u00a0numerateur\u00a0»\u00a0: effectif trop petit pour être montré au public\u00a0: "
        "JEU-01 sera remplacé par «\u00a0s\u00a0». Rien à corriger\u202f; vous continuez à le voir.",
        "Line 3, column “numerateur”: too few to be shown to the public: JEU-01 will be replaced by “s”. Nothing "
        "to correct; you still see it.",
        id="small_count",
    ),
    pytest.param(
        Issue(Code.MISSING_EXPECTED, context={"indicator": "JEU-01", "period": "2026-Q3"}),
        "JEU-01 est attendu pour T3 2026 et n’est pas dans le fichier. Ajoutez-le, ou déposez-le avec le statut "
        "«\u00a0non_disponible\u00a0» et la raison.",
        "JEU-01 is expected for Q3 2026 and is not in the file. Add it, or send it with the status "
        "“non_disponible” and the reason.",
        id="missing_expected",
    ),
    pytest.param(
        Issue(
            Code.CHANGES_APPROVED, 3, "valeur", "27.4", {"indicator": "JEU-01", "period": "2026-Q3", "before": "26.8"}
        ),
        "Ligne 3, colonne «\u00a0valeur\u00a0»\u00a0: JEU-01, T3 2026\u00a0: la valeur déjà validée 26,8 devient "
        "27,4. Si c’est voulu, dites pourquoi en confirmant.",
        "Line 3, column “valeur”: JEU-01, Q3 2026: the approved value 26.8 becomes 27.4. If you mean it, say why "
        "when you confirm.",
        id="changes_approved",
    ),
    pytest.param(
        Issue(
            Code.DENOMINATOR_JUMP,
            3,
            "denominateur",
            "420",
            {"indicator": "JEU-01", "before": "142", "reference": "2025-Q3"},
        ),
        "Ligne 3, colonne «\u00a0denominateur\u00a0»\u00a0: le dénominateur de JEU-01 passe de 142 (T3 2025) à "
        "420, plus d’un cinquième d’écart. Vérifiez que l’on compte bien la même population, ou dites dans le "
        "commentaire ce qui a changé.",
        "Line 3, column “denominateur”: the denominator of JEU-01 goes from 142 (Q3 2025) to 420, a gap of over "
        "a fifth. Check that the same population is counted, or say in the comment what has changed.",
        id="denominator_jump",
    ),
    pytest.param(
        Issue(Code.WEAK_SURVEY, 3, "repondants", "22", {"indicator": "LIE-01", "kind": "respondents"}),
        "Ligne 3, colonne «\u00a0repondants\u00a0»\u00a0: enquête fragile pour LIE-01\u00a0: «\u00a022\u00a0», "
        "quand il faut au moins 30 réponses, et de 30\u00a0% des personnes interrogées. Le chiffre sera montré "
        "avec prudence\u202f; complétez «\u00a0repondants\u00a0» et «\u00a0taux_reponse\u00a0» si vous les avez.",
        "Line 3, column “repondants”: weak survey for LIE-01: “22”, where at least 30 answers are needed, and "
        "from 30% of those asked. The figure will be shown with care; fill in “repondants” and “taux_reponse” if "
        "you have them.",
        id="weak_survey",
    ),
    pytest.param(
        Issue(Code.DEFINITION_CHANGED, 3, "code_indicateur", "JEU-04", {"indicator": "JEU-04", "version": "2"}),
        "Ligne 3, colonne «\u00a0code_indicateur\u00a0»\u00a0: la définition de JEU-04 a changé (version 2). "
        "Vérifiez que le chiffre suit la nouvelle fiche\u202f; sinon mettez «\u00a0rupture\u00a0» dans «\u00a0"
        "statut\u00a0».",
        "Line 3, column “code_indicateur”: the definition of JEU-04 has changed (version 2). Check that the "
        "figure follows the new sheet; if not, put “rupture” in “statut”.",
        id="definition_changed",
    ),
    pytest.param(
        Issue(Code.MAYBE_PERSONAL_DATA, 3, "commentaire", None, {"kind": "name"}),
        "Ligne 3, colonne «\u00a0commentaire\u00a0»\u00a0: ce texte semble nommer une personne, et d’autres le "
        "liront. Remplacez le nom par «\u00a0une habitante\u00a0» ou «\u00a0un jeune\u00a0».",
        "Line 3, column “commentaire”: this text seems to name a person, and others will read it. Replace the "
        "name by “a resident” or “a young person”.",
        id="a_name_perhaps",
    ),
    pytest.param(
        Issue(Code.MAYBE_PERSONAL_DATA, 3, "commentaire", None, {"kind": "first_name"}),
        "Ligne 3, colonne «\u00a0commentaire\u00a0»\u00a0: ce texte semble nommer une personne par son prénom et "
        "une initiale, et d’autres le liront. Remplacez-les par «\u00a0une habitante\u00a0» ou «\u00a0un "
        "jeune\u00a0».",
        "Line 3, column “commentaire”: this text seems to name a person by a first name and an initial, and "
        "others will read it. Replace them by “a resident” or “a young person”.",
        id="a_first_name_perhaps",
    ),
    pytest.param(
        Issue(Code.MAYBE_PERSONAL_DATA, 3, "commentaire", None, {"kind": "address"}),
        "Ligne 3, colonne «\u00a0commentaire\u00a0»\u00a0: ce texte semble donner l’âge et la rue d’une "
        "personne, et d’autres le liront. Retirez ce qui permet de la reconnaître.",
        "Line 3, column “commentaire”: this text seems to give the age and the street of a person, and others "
        "will read it. Take out what makes them recognisable.",
        id="an_address_perhaps",
    ),
    pytest.param(
        Issue(Code.MAYBE_PERSONAL_DATA, None, "jour", None, {"kind": "birth_date"}),
        "Colonne «\u00a0jour\u00a0»\u00a0: les jours de cette colonne ressemblent à des dates de naissance, et "
        "aucune donnée personnelle n’entre ici. Si c’en sont, retirez la colonne.",
        "Column “jour”: the days of this column look like dates of birth, and no personal data enters here. If "
        "they are, remove the column.",
        id="dates_of_birth_perhaps",
    ),
    pytest.param(
        Issue(Code.MAYBE_PERSONAL_DATA, None, "qui", None, {"kind": "names"}),
        "Colonne «\u00a0qui\u00a0»\u00a0: cette colonne semble contenir des noms de personnes, et aucune donnée "
        "personnelle n’entre ici. Si c’en sont, retirez-la.",
        "Column “qui”: this column seems to hold names of persons, and no personal data enters here. If it does, "
        "remove it.",
        id="names_perhaps",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_COLUMN, column="nb suivis"),
        "Colonne «\u00a0nb suivis\u00a0»\u00a0: cette colonne n’est pas connue\u202f; elle est laissée de côté "
        "et n’est pas gardée. Si elle compte, donnez-lui un titre du modèle\u202f; sinon, rien à faire.",
        "Column “nb suivis”: this column is not known; it is set aside and not kept. If it matters, give it a "
        "heading of the template; if not, there is nothing to do.",
        id="unknown_column",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_COLUMN, context={"position": "4"}),
        "La colonne 4 n’a pas de titre\u202f; elle est laissée de côté et n’est pas gardée. Si elle compte, "
        "donnez-lui un titre du modèle\u202f; sinon, rien à faire.",
        "Column 4 has no heading; it is set aside and not kept. If it matters, give it a heading of the "
        "template; if not, there is nothing to do.",
        id="column_without_heading",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_REFERENCE, 4, "code_objectif", "O9", {"kind": "goal", "known": "O1, O2"}),
        "Ligne 4, colonne «\u00a0code_objectif\u00a0»\u00a0: «\u00a0O9\u00a0» n’est pas un objectif de "
        "ce territoire (il a\u00a0: O1, O2). Corrigez le code, ou envoyez d’abord l’objectif et sa "
        "cible.",
        "Line 4, column “code_objectif”: “O9” is not a goal of this territory (it has: O1, O2). Correct "
        "the code, or send the goal and its target first.",
        id="unknown_goal",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_REFERENCE, 4, "pilote", "P9", {"kind": "partner", "known": "P1, P2"}),
        "Ligne 4, colonne «\u00a0pilote\u00a0»\u00a0: «\u00a0P9\u00a0» n’est pas dans le registre des "
        "partenaires de ce territoire (il a\u00a0: P1, P2). Corrigez le code, ou ajoutez d’abord ce "
        "partenaire.",
        "Line 4, column “pilote”: “P9” is not in this territory’s register of partners (it has: P1, "
        "P2). Correct the code, or add this partner first.",
        id="unknown_partner",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_REFERENCE, 4, "code_action", "A99", {"kind": "action", "known": "A01, A02"}),
        "Ligne 4, colonne «\u00a0code_action\u00a0»\u00a0: «\u00a0A99\u00a0» n’est pas dans le registre "
        "des actions de ce territoire (il a\u00a0: A01, A02). Corrigez le code, ou ajoutez d’abord "
        "cette action.",
        "Line 4, column “code_action”: “A99” is not in this territory’s register of actions (it has: "
        "A01, A02). Correct the code, or add this action first.",
        id="unknown_action",
    ),
    pytest.param(
        Issue(Code.UNKNOWN_REFERENCE, 4, "defi", "XYZ", {"kind": "challenge", "known": "ALI, JEU"}),
        "Ligne 4, colonne «\u00a0defi\u00a0»\u00a0: «\u00a0XYZ\u00a0» n’est pas un défi du programme. "
        "Écrivez l’un de ces codes\u00a0: ALI, JEU.",
        "Line 4, column “defi”: “XYZ” is not a challenge of the programme. Write one of these codes: ALI, JEU.",
        id="unknown_challenge",
    ),
    pytest.param(
        Issue(Code.WRONG_CODE, 4, "code_action", "action 1", {"example": "A01"}),
        "Ligne 4, colonne «\u00a0code_action\u00a0»\u00a0: «\u00a0action 1\u00a0» n’a pas la forme "
        "attendue. Écrivez un code comme A01.",
        "Line 4, column “code_action”: “action 1” does not have the expected shape. Write a code such as A01.",
        id="wrong_code",
    ),
    pytest.param(
        Issue(
            Code.WRONG_CODE, 4, "code_indicateur", "JEU-L01", {"kind": "prefix", "example": "FR-99-TILLEULS:JEU-L01"}
        ),
        "Ligne 4, colonne «\u00a0code_indicateur\u00a0»\u00a0: «\u00a0JEU-L01\u00a0» ne commence pas "
        "par le code de votre territoire. Un indicateur local s’écrit par exemple "
        "FR-99-TILLEULS:JEU-L01.",
        "Line 4, column “code_indicateur”: “JEU-L01” does not begin with the code of your territory. A "
        "local indicator is written for instance FR-99-TILLEULS:JEU-L01.",
        id="local_code_of_another",
    ),
    pytest.param(
        Issue(Code.INVALID_SIRET, 4, "siret", "13000548100011"),
        "Ligne 4, colonne «\u00a0siret\u00a0»\u00a0: «\u00a013000548100011\u00a0» n’est pas un numéro "
        "SIRET\u00a0: ses quatorze chiffres ne se vérifient pas. Recopiez-le, ou laissez la case vide.",
        "Line 4, column “siret”: “13000548100011” is not a SIRET number: its fourteen digits do not "
        "check. Copy it again, or leave the cell empty.",
        id="invalid_siret",
    ),
    pytest.param(
        Issue(Code.DATES_OUT_OF_ORDER, 4, "fin_prevue", "01/01/2026", {"kind": "plan", "day": "2026-03-01"}),
        "Ligne 4, colonne «\u00a0fin_prevue\u00a0»\u00a0: cette fin prévue (01/01/2026) est avant le "
        "début, le 1er mars 2026. Corrigez l’une des deux dates.",
        "Line 4, column “fin_prevue”: this planned end (01/01/2026) is before the start, 1 March 2026. "
        "Correct one of the two dates.",
        id="dates_plan",
    ),
    pytest.param(
        Issue(Code.DATES_OUT_OF_ORDER, 4, "echeance", "2023-T4", {"kind": "due", "day": "2023-12-31"}),
        "Ligne 4, colonne «\u00a0echeance\u00a0»\u00a0: cette échéance (2023-T4) n’est pas après le "
        "départ, qui finit le 31 décembre 2023. Corrigez l’échéance, ou la période de départ.",
        "Line 4, column “echeance”: this due period (2023-T4) is not after the start, which ends on 31 "
        "December 2023. Correct the due period, or that of the start.",
        id="dates_due",
    ),
    pytest.param(
        Issue(Code.DATES_OUT_OF_ORDER, 4, "reunion_decision", "01/02/2027", {"kind": "decision", "day": "2026-11-23"}),
        "Ligne 4, colonne «\u00a0reunion_decision\u00a0»\u00a0: cette réunion (01/02/2027) n’a pas "
        "encore eu lieu\u00a0: nous sommes le 23 novembre 2026. Une cible entre au registre une fois "
        "décidée\u202f; corrigez la date, ou attendez la réunion.",
        "Line 4, column “reunion_decision”: this meeting (01/02/2027) has not taken place yet: today is "
        "23 November 2026. A target enters the register once decided; correct the date, or wait for the "
        "meeting.",
        id="dates_decision",
    ),
    pytest.param(
        Issue(Code.DATES_OUT_OF_ORDER, 4, "reunion_decision", "01/01/2025", {"kind": "version", "day": "2026-07-02"}),
        "Ligne 4, colonne «\u00a0reunion_decision\u00a0»\u00a0: cette cible a déjà été décidée le 2 "
        "juillet 2026, après le 01/01/2025. Une révision vient d’une réunion plus récente\u202f; "
        "corrigez la date.",
        "Line 4, column “reunion_decision”: this target was already decided on 2 July 2026, after "
        "01/01/2025. A revision comes from a later meeting; correct the date.",
        id="dates_version",
    ),
    pytest.param(
        Issue(Code.DATES_OUT_OF_ORDER, 4, "valable_du", "01/01/2024", {"kind": "sheet", "day": "2025-01-01"}),
        "Ligne 4, colonne «\u00a0valable_du\u00a0»\u00a0: la fiche actuelle vaut déjà depuis le 1er "
        "janvier 2025, après le 01/01/2024. Une nouvelle version vaut à partir d’un jour plus "
        "récent\u202f; corrigez la date.",
        "Line 4, column “valable_du”: the present sheet already holds from 1 January 2025, after "
        "01/01/2024. A new version holds from a later day; correct the date.",
        id="dates_sheet",
    ),
    pytest.param(
        Issue(Code.INCOMPLETE_TARGET, 4, "cible", "", {"kind": "value"}),
        "Ligne 4, colonne «\u00a0cible\u00a0»\u00a0: la valeur à atteindre manque\u00a0: sans elle, on "
        "ne saurait pas dire où l’on va. Écrivez-la dans «\u00a0cible\u00a0», ou choisissez "
        "«\u00a0suivi\u00a0» dans «\u00a0type_cible\u00a0».",
        "Line 4, column “cible”: the value to reach is missing: without it nobody could say where we "
        "are going. Write it in “cible”, or choose “suivi” in “type_cible”.",
        id="incomplete_target_value",
    ),
    pytest.param(
        Issue(Code.INCOMPLETE_TARGET, 4, "bande_basse", "", {"kind": "band"}),
        "Ligne 4, colonne «\u00a0bande_basse\u00a0»\u00a0: pour maintenir, il faut les deux "
        "bords\u00a0: écrivez «\u00a0bande_basse\u00a0» et «\u00a0bande_haute\u00a0».",
        "Line 4, column “bande_basse”: to maintain, both edges are needed: write “bande_basse” and “bande_haute”.",
        id="incomplete_target_band",
    ),
    pytest.param(
        Issue(Code.INCOMPLETE_TARGET, 4, "bande_basse", "40", {"kind": "order"}),
        "Ligne 4, colonne «\u00a0bande_basse\u00a0»\u00a0: la bande va de 40 à un nombre plus petit. "
        "Écrivez le plus petit dans «\u00a0bande_basse\u00a0».",
        "Line 4, column “bande_basse”: the band goes from 40 to a smaller number. Write the smaller one "
        "in “bande_basse”.",
        id="incomplete_target_order",
    ),
    pytest.param(
        Issue(Code.INCOMPLETE_TARGET, 4, "ref_valeur", "", {"kind": "start"}),
        "Ligne 4, colonne «\u00a0ref_valeur\u00a0»\u00a0: la situation de départ manque\u00a0: une "
        "cible se lit à partir d’elle. Écrivez «\u00a0ref_periode\u00a0» et «\u00a0ref_valeur\u00a0», "
        "ou choisissez «\u00a0suivi\u00a0» dans «\u00a0type_cible\u00a0».",
        "Line 4, column “ref_valeur”: the starting point is missing: a target is read from it. Write "
        "“ref_periode” and “ref_valeur”, or choose “suivi” in “type_cible”.",
        id="incomplete_target_start",
    ),
    pytest.param(
        Issue(Code.INCOMPLETE_TARGET, 4, "echeance", "", {"kind": "due"}),
        "Ligne 4, colonne «\u00a0echeance\u00a0»\u00a0: l’échéance manque. Écrivez pour quand, par exemple 2028-T4.",
        "Line 4, column “echeance”: the due period is missing. Write by when, for instance 2028-Q4.",
        id="incomplete_target_due",
    ),
    pytest.param(
        Issue(Code.INCOMPLETE_TARGET, 4, "paliers", "", {"kind": "steps"}),
        "Ligne 4, colonne «\u00a0paliers\u00a0»\u00a0: une trajectoire par paliers a besoin de ses "
        "paliers. Écrivez-les, par exemple 2027-T2=24|2027-T4=27, ou choisissez «\u00a0lineaire\u00a0».",
        "Line 4, column “paliers”: a trajectory in steps needs its steps. Write them, for instance "
        "2027-Q2=24|2027-Q4=27, or choose “lineaire”.",
        id="incomplete_target_steps",
    ),
    pytest.param(
        Issue(Code.TARGET_AGAINST_START, 4, "cible", "20", {"kind": "at_least", "start": "22"}),
        "Ligne 4, colonne «\u00a0cible\u00a0»\u00a0: «\u00a0au moins\u00a0» 20, mais le départ est déjà "
        "à 22\u00a0: la cible serait atteinte avant de commencer. Corrigez l’un des deux nombres, ou "
        "choisissez «\u00a0maintenir\u00a0».",
        "Line 4, column “cible”: “at least” 20, but the start is already at 22: the target would be met "
        "before it begins. Correct one of the two numbers, or choose “maintenir”.",
        id="target_against_start_at_least",
    ),
    pytest.param(
        Issue(Code.TARGET_AGAINST_START, 4, "cible", "20", {"kind": "at_most", "start": "22"}),
        "Ligne 4, colonne «\u00a0cible\u00a0»\u00a0: «\u00a0au plus\u00a0» 20, mais le départ est déjà "
        "à 22\u00a0: la cible serait atteinte avant de commencer. Corrigez l’un des deux nombres, ou "
        "choisissez «\u00a0maintenir\u00a0».",
        "Line 4, column “cible”: “at most” 20, but the start is already at 22: the target would be met "
        "before it begins. Correct one of the two numbers, or choose “maintenir”.",
        id="target_against_start_at_most",
    ),
    pytest.param(
        Issue(Code.TARGET_AGAINST_START, 4, "cible", "20", {"kind": "watch_only", "start": "22"}),
        "Ligne 4, colonne «\u00a0cible\u00a0»\u00a0: la cible 20 et le départ 22 ne vont pas ensemble. "
        "Corrigez l’un des deux nombres.",
        "Line 4, column “cible”: the target 20 and the start 22 do not go together. Correct one of the two numbers.",
        id="target_against_start_watch_only",
    ),
    pytest.param(
        Issue(Code.TARGET_AGAINST_DIRECTION, 4, "type_cible", "au_moins"),
        "Ligne 4, colonne «\u00a0type_cible\u00a0»\u00a0: «\u00a0au_moins\u00a0» va contre le sens "
        "souhaité de cet indicateur. Vérifiez le type de cible, ou l’indicateur.",
        "Line 4, column “type_cible”: “au_moins” goes against the direction wished for this indicator. "
        "Check the kind of target, or the indicator.",
        id="target_against_direction",
    ),
    pytest.param(
        Issue(Code.WRONG_STEPS, 4, "paliers", "24, 27"),
        "Ligne 4, colonne «\u00a0paliers\u00a0»\u00a0: «\u00a024, 27\u00a0» ne se lit pas comme des "
        "paliers. Écrivez une période et une valeur par palier, par exemple 2027-T2=24|2027-T4=27.",
        "Line 4, column “paliers”: “24, 27” cannot be read as steps. Write a period and a value a step, "
        "for instance 2027-Q2=24|2027-Q4=27.",
        id="wrong_steps",
    ),
    pytest.param(
        Issue(Code.WRONG_STEPS, 4, "paliers", "2027-T2=24|2027-T2=27", {"kind": "twice"}),
        "Ligne 4, colonne «\u00a0paliers\u00a0»\u00a0: «\u00a02027-T2=24|2027-T2=27\u00a0» donne deux "
        "valeurs à une même période. Gardez-en une.",
        "Line 4, column “paliers”: “2027-T2=24|2027-T2=27” gives one period two values. Keep one.",
        id="steps_twice",
    ),
    pytest.param(
        Issue(Code.WRONG_STEPS, 4, "paliers", "2030-T2=24", {"kind": "late"}),
        "Ligne 4, colonne «\u00a0paliers\u00a0»\u00a0: «\u00a02030-T2=24\u00a0»\u00a0: les paliers "
        "viennent avant l’échéance. Retirez ceux qui n’y sont pas, la cible dit déjà l’arrivée.",
        "Line 4, column “paliers”: “2030-T2=24”: steps come before the due period. Remove those that do "
        "not, the target already says where it ends.",
        id="steps_late",
    ),
    pytest.param(
        Issue(Code.WRONG_SHAPE, 4, "forme", "geometrique"),
        "Ligne 4, colonne «\u00a0forme\u00a0»\u00a0: une croissance constante va d’un nombre au-dessus "
        "de zéro à un autre. Choisissez «\u00a0lineaire\u00a0», ou vérifiez le départ et la cible.",
        "Line 4, column “forme”: constant growth goes from a number above zero to another. Choose "
        "“lineaire”, or check the start and the target.",
        id="wrong_shape",
    ),
    pytest.param(
        Issue(Code.GOAL_DISAGREES, 4, "intitule", "O1", {"lines": "4, 5"}),
        "Ligne 4, colonne «\u00a0intitule\u00a0»\u00a0: l’objectif O1 ne porte pas le même intitulé ou "
        "la même population aux lignes 4, 5. Écrivez partout la même chose.",
        "Line 4, column “intitule”: the goal O1 does not have the same title or population on lines 4, "
        "5. Write the same everywhere.",
        id="goal_disagrees",
    ),
    pytest.param(
        Issue(Code.NO_VISION, 4, "code_objectif", "O1"),
        "Ligne 4, colonne «\u00a0code_objectif\u00a0»\u00a0: ce territoire n’a pas encore de vision du "
        "changement ni de défi prioritaire\u00a0: un objectif en dépend. Demandez à l’équipe nationale "
        "de les inscrire, puis envoyez à nouveau.",
        "Line 4, column “code_objectif”: this territory has no vision of change or priority challenge "
        "yet: a goal depends on them. Ask the national team to enter them, then send again.",
        id="no_vision",
    ),
    pytest.param(
        Issue(Code.MISSING_VALUE, 4, "nom", "", {"kind": "cell"}),
        "Ligne 4, colonne «\u00a0nom\u00a0»\u00a0: cette case est vide, et la ligne en a besoin. Remplissez-la.",
        "Line 4, column “nom”: this cell is empty, and the line needs it. Fill it in.",
        id="register_cell_empty",
    ),
    pytest.param(
        Issue(Code.MISSING_VALUE, 4, "motif_changement", "", {"kind": "change_reason"}),
        "Ligne 4, colonne «\u00a0motif_changement\u00a0»\u00a0: cet indicateur local existe déjà et la "
        "ligne le change\u00a0: dites pourquoi dans «\u00a0motif_changement\u00a0».",
        "Line 4, column “motif_changement”: this local indicator is there already and the line changes "
        "it: say why in “motif_changement”.",
        id="why_a_local_sheet_changes",
    ),
    pytest.param(
        Issue(Code.VALUE_DISAGREES, 4, "ref_valeur", "30", {"kind": "start", "numerator": "53", "denominator": "240"}),
        "Ligne 4, colonne «\u00a0ref_valeur\u00a0»\u00a0: le départ 30 ne correspond pas à 53 sur 240. "
        "Corrigez l’un des trois nombres, ou laissez «\u00a0ref_valeur\u00a0» vide\u00a0: nous la "
        "calculons.",
        "Line 4, column “ref_valeur”: the start 30 does not match 53 of 240. Correct one of the three, "
        "or leave “ref_valeur” empty: we compute it.",
        id="start_disagrees",
    ),
    pytest.param(
        Issue(Code.OUT_OF_RANGE, 4, "seuil_utile", "0", {"kind": "positive"}),
        "Ligne 4, colonne «\u00a0seuil_utile\u00a0»\u00a0: 0 est impossible\u00a0: le nombre doit être "
        "au-dessus de 0. Vérifiez le nombre.",
        "Line 4, column “seuil_utile”: 0 is impossible: the number must be above 0. Check the number.",
        id="not_above_zero",
    ),
)


@pytest.mark.parametrize(("issue", "french", "english"), CASES)
def test_a_fault_is_said_in_both_languages(issue: Issue, french: str, english: str) -> None:
    assert say_issue(FR, issue) == french
    assert say_issue(EN, issue) == english


def test_every_code_is_said_above() -> None:
    assert {case.values[0].code for case in CASES} == set(Code)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_is_said_above(language: str) -> None:
    """Codes have variants; none is left that no case reads."""
    said = [case.values[1 if language == "fr" else 2] for case in CASES]
    unread = []
    for key, (sentence, *_) in keys_of(language).items():
        pattern = re.sub(r"\\{\w+\\}", ".*", re.escape(sentence))
        if key.startswith("issue.") and not any(re.search(pattern, one, re.IGNORECASE) for one in said):
            unread.append(key)
    assert unread == []
