"""Hide what identifies a person: IBAN, tax id, social-security, id-card and telephone numbers, e-mail addresses.

`mask` is idempotent and leaves words alone: the masked text goes to understanding, search, logs and analytics, the
clerk in charge sees the original. Rather one number too many than one too few: a long row of digits that passes
no check is hidden as well. Fees, dates, postcodes and room numbers stay, they are part of questions.
"""

import re

# Each kind with its pattern, the more certain first. Marks are in brackets and match no pattern.
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Za-z]{2}\s?\d{2}(?:[ \-]?[A-Za-z0-9]{4}){2,7}(?:[ \-]?[A-Za-z0-9]{1,4})?\b")
_SOCIAL = re.compile(r"\b\d{2}[ ]?\d{6}[ ]?[A-Za-z][ ]?\d{3}\b")  # Rentenversicherungsnummer
_CARD = re.compile(r"\b(?=[A-Z0-9]*\d[A-Z0-9]*\d)[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}\d?D?\b", re.IGNORECASE)
_TAX = re.compile(r"(?<![\d+])\d{2}[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}(?!\d)")
_PHONE = re.compile(r"(?<![\w.,])(?:\+|00)?\(?\d(?:[ /()\-.]{0,3}\d){5,16}(?![\d\w])")
_LONG = re.compile(r"(?<!\w)\d{7,}(?!\w)")
_DATE = re.compile(
    r"\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{4}|\d{2})?|\d{4}-\d{2}-\d{2}|\d{1,2}[.:]\d{2}\s?-\s?\d{1,2}[.:]\d{2}"
)
_MONEY = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{2})?")
_PUBLIC = {"112", "110", "115", "116117", "0800111 0111"}


def mask(text: str) -> str:
    """The text with personal numbers and addresses replaced by [E-MAIL], [IBAN], [ID], [TAX-ID], [PHONE], [NUMBER]."""
    return _LONG.sub("[NUMBER]", _PHONE.sub(_phone, _without_ids(text)))


def telephone(text: str) -> str:
    """The first telephone number in it as it was written, "" where there is none. A number without area code counts
    only where it stands alone: beside words it may number anything."""
    for match in _PHONE.finditer(_without_ids(text)):
        hidden = _phone(match)
        if hidden == "[PHONE]" or (hidden == "[NUMBER]" and match[0] == text.strip()):
            return match[0].strip()
    return ""


def _without_ids(text: str) -> str:
    text = _EMAIL.sub("[E-MAIL]", text)
    text = _IBAN.sub(lambda m: "[IBAN]" if _looks_like_iban(m[0]) else m[0], text)
    text = _SOCIAL.sub("[ID]", text)
    text = _CARD.sub(lambda m: "[ID]" if _looks_like_card(m[0]) else m[0], text)
    return _TAX.sub(lambda m: "[TAX-ID]" if is_tax_id(m[0]) else m[0], text)


def _phone(match: re.Match[str]) -> str:
    found = match[0]
    digits = re.sub(r"\D", "", found)
    if _DATE.fullmatch(found.strip()) or _MONEY.fullmatch(found) or digits in _PUBLIC or len(digits) < 7:
        return found
    if found.lstrip("(")[:1] in "+0" or len(digits) >= 10:
        return "[PHONE]"
    return "[NUMBER]" if len(digits) >= 7 else found


def _looks_like_iban(text: str) -> bool:
    """Country and length, not the check digits: a mistyped IBAN identifies as well."""
    bare = re.sub(r"[ \-]", "", text)
    digits = sum(ch.isdigit() for ch in bare)
    return 15 <= len(bare) <= 34 and digits >= 10


def _looks_like_card(text: str) -> bool:
    """Serial number of German id cards and passports: 9 characters (10 with check digit), no vowels, mixed."""
    bare = text.upper()
    return (
        any(ch.isdigit() for ch in bare) and sum(ch.isalpha() for ch in bare) >= 1 and sum(map(str.isdigit, bare)) >= 4
    )


def is_tax_id(text: str) -> bool:
    """Steuer-Identifikationsnummer: 11 digits, the last by ISO 7064 MOD 11,10 (§ 139b AO, BZSt)."""
    digits = [int(ch) for ch in text if ch.isdigit()]
    if len(digits) != 11 or digits[0] == 0:
        return False
    product = 10
    for digit in digits[:10]:
        total = (digit + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == digits[10]
