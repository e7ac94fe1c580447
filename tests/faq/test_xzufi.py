"""Services of a state's catalogue, as drafts."""

from pathlib import Path

import pytest

from faq.entry import Draft, Link, validate
from faq.sources import RowError, read
from faq.sources.html import markdown, plain

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<xzufi:transfer.operation xmlns:xzufi="http://xoev.de/schemata/xzufi/2_2_0" xzufiVersion="2.2.0">
  <xzufi:nachrichtenkopf/>
  <xzufi:schreiben>
    <xzufi:leistung>
      <xzufi:id schemeAgencyID="L100001">8664</xzufi:id>
      <xzufi:referenzLeiKa><code>99012008000000</code></xzufi:referenzLeiKa>
      {modules}
      <xzufi:modulBegriffImKontext><xzufi:begriffImKontext>
        <xzufi:begriff languageCode="de">Perso</xzufi:begriff></xzufi:begriffImKontext></xzufi:modulBegriffImKontext>
      <xzufi:modulKosten><xzufi:beschreibung languageCode="de">37,00 €</xzufi:beschreibung></xzufi:modulKosten>
      <xzufi:modulFrist><xzufi:beschreibung languageCode="de">{long}</xzufi:beschreibung></xzufi:modulFrist>
    </xzufi:leistung>
    <xzufi:leistung><xzufi:id>2</xzufi:id></xzufi:leistung>
    <xzufi:zustaendigkeit><xzufi:leistungID>8664</xzufi:leistungID></xzufi:zustaendigkeit>
  </xzufi:schreiben>
</xzufi:transfer.operation>
"""
MODULE = """<xzufi:modulText><xzufi:positionDarstellung>1</xzufi:positionDarstellung>{inhalt}{link}
<xzufi:leikaTextmodul><code>{code}</code><name>{name}</name></xzufi:leikaTextmodul></xzufi:modulText>"""
LINK = """<xzufi:weiterfuehrenderLink languageCode="de"><xzufi:uri>https://a.example/perso</xzufi:uri>
<xzufi:titel>Formular</xzufi:titel></xzufi:weiterfuehrenderLink>"""


def module(code: str, name: str, link: str = "", **texts: str) -> str:
    inhalt = "".join(f'<xzufi:inhalt languageCode="{c}"><![CDATA[{t}]]></xzufi:inhalt>' for c, t in texts.items())
    return MODULE.format(code=code, name=name, inhalt=inhalt, link=link)


MODULES = "".join((
    module("02", "Leistungsbezeichnung", de="Personalausweis Ausstellung", en="Identity card issue"),
    module("03", "Leistungsbezeichnung II", de="Personalausweis <b>beantragen</b>"),
    module("06", "Volltext", LINK, de="<p>Sie brauchen ihn <strong>ab 16</strong>.</p>"
           "<ul><li>eins</li><li>zwei</li></ul>"
           '<p><a href="https://a.example">Mehr</a> <a href="javascript:x">weg</a></p><script>alert(1)</script>',
           en="<p>You need it.</p>"),
    module("09", "Erforderliche Unterlagen", de="<ul><li>Geburtsurkunde</li><li>Foto</li></ul>"),
))  # fmt: skip


def written(folder: Path, text: str) -> Path:
    (folder / "leistungen.xml").write_text(text, "utf-8")
    return folder / "leistungen.xml"


def test_a_service_becomes_a_draft(tmp_path: Path) -> None:
    long = "Sofort. " * 40
    found = list(read(written(tmp_path, FILE.format(modules=MODULES, long=long))))
    (error,) = [one for one in found if isinstance(one, RowError)]
    assert (error.row, error.why) == (2, "xzufi.name")
    (draft,) = [one for one in found if isinstance(one, Draft)]
    german, english = draft.content.texts["de"], draft.content.texts["en"]
    assert draft.entry == "personalausweis-beantragen-99012008000000"
    assert draft.content.service_key == "99012008000000"
    assert (german.question, german.variants) == ("Personalausweis beantragen", ("Perso",))
    answer, _, term = german.answer.rpartition("\n\n")
    assert answer == "Sie brauchen ihn **ab 16**.\n\n- eins\n- zwei\n\n[Mehr](https://a.example) weg"
    assert term == long.strip()
    assert (german.facts.fee, german.facts.documents) == ("37,00 €", ("Geburtsurkunde", "Foto"))
    assert german.facts.link == Link("Formular", "https://a.example/perso")
    assert (english.question, english.answer) == ("Identity card issue", "You need it.")
    assert not [problem for problem in validate(draft) if problem.blocks]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<a/>", "xzufi.none"),
        ("<a>", "xml.broken"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "xml.entities"),
        ("<leistung><id>1</id></leistung>", "xzufi.name"),
    ],
)
def test_what_is_no_catalogue(tmp_path: Path, text: str, why: str) -> None:
    (error,) = read(written(tmp_path, text))
    assert isinstance(error, RowError)
    assert error.why == why


def test_what_remains_of_html() -> None:
    assert markdown("<h2>Wo?</h2><p>Hier&nbsp;&amp; da<br>dort *</p>") == "**Wo?**\n\nHier & da\ndort \\*"
    assert markdown("<style>x</style><p>a</p><iframe>b</iframe><img src=x onerror=y>") == "a"
    assert plain("<p>Wo <b>ist</b>\n es?</p>") == "Wo ist es?"
