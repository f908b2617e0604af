"""Content that is unsound is refused with file, line and reason; nothing is left out without a
word."""

import shutil

import pytest
from click.testing import CliRunner

from proms.cli import main
from proms.content import UnsoundContent, check, load, source
from proms.content.source import read
from proms.settings import HOME

HSC = "instruments/hsc/0.2/instrument.yaml"
NL = "instruments/hsc/0.2/nl.yaml"
RULES = "instruments/hsc/0.2/rules/0.1.yaml"
C30 = "instruments/qlq-c30/3.0/instrument.yaml"
PROTOCOL = "protocols/pump-it/1.yaml"


@pytest.fixture
def content(tmp_path):
    for folder in ("instruments", "protocols"):
        shutil.copytree(HOME / folder, tmp_path / folder)
    return tmp_path


def rewrite(content, file, old, new):
    """Write `new` for the first `old` of a file; returns the line that holds it."""
    path = content / file
    text = path.read_text(encoding="utf-8")
    before, found, after = text.partition(old)
    assert found, f"{old!r} is no longer in {file}"
    path.write_text(before + new + after, encoding="utf-8")
    return before.count("\n") + 1


def test_a_new_version_of_an_instrument_with_rules_has_rules_of_its_own(content):
    for rules in (content / RULES).parent.iterdir():
        rules.unlink()
    (fault,) = check(content)
    assert (str(fault.path), fault.reason) == (
        HSC,
        "other versions have rules, and this one has none in rules/",
    )


def test_no_two_versions_share_the_name_of_a_rule_set(content):
    same = content / "instruments/hsc/0.2/rules/0.0.yaml"
    shutil.copy(content / "instruments/hsc/0.1/rules/0.0.yaml", same)
    (fault,) = check(content)
    assert fault.reason == "hsc 0.0 are the rules of version 0.1 already"


def test_the_content_that_ships_is_sound():
    assert check(HOME) == []


INSTRUMENT_FAULTS = [
    (HSC, "{code: POS,", "{code: JAUND,", "item JAUND stands here twice"),
    (HSC, "{code: POS, options: [0, 1, 2]", "{code: POS, options: [0, 2]", "options skip a value"),
    (HSC, "{code: POS, options: [0, 1, 2]", "{code: POS, options: []", "at least one"),
    (
        HSC,
        "{code: CHILL, options: [0, 1], safety: true",
        "{code: CHILL, options: [0, 1], safety: yes",
        "quote it",
    ),
    (HSC, "none: none, safety", "none: nothing, safety", "nothing is not an option of BLEED"),
    (HSC, "{fact: pump, is: true}", "{fact: pompe, is: true}", "'pompe' is not a fact"),
    (HSC, "{fact: pump, is: true}", '{fact: pump, is: "yes"}', "pump is never 'yes'"),
    (
        HSC,
        "{fact: pump, is: true}",
        "{item: TIRED, is: 1}",
        "there is no item 'TIRED' to look at here",
    ),
    (HSC, "{fact: level, is: red}", "{fact: level, is: rood}", "level is never 'rood'"),
    (HSC, "cdisc: HSC03", "cdisc: HSC02", "HSC02 stands here twice"),
    (HSC, "minutes: 4", "minutes: 0", "at least 1"),
    (HSC, "minutes: 4", 'minutes: "4"', "a whole number is expected"),
    (HSC, "minutes: 4", "minuten:\n  4", "'minuten' is not known here"),
    (HSC, "code: pump, items: [SITE,", "code: pump, items: [SIDE,", "SIDE is no item"),
    (HSC, "code: pump, items: [SITE,", "code: pump, items: [JAUND, SITE,", "stands in a section"),
    (HSC, "code: pump, items: [SITE,", "code: liver, items: [SITE,", "section liver stands here"),
    (HSC, "items: [ALARM, BLEED, NOW", "items: [ALARM, NOW", "in no section: BLEED"),
    (HSC, 'version: "0.2"', 'version: "0.3"', "the folder is named 0.2"),
    (HSC, 'version: "0.2"', "version: 0.2", "put it in quotes"),
    (C30, "items: [q6, q7]", "items: [q6, q77]", "names an absent item q77"),
    (C30, "items: [q6, q7]", "items: [q6, q6]", "names q6 twice"),
    (C30, "items: [q6, q7]", "items: [q6, q29]", "the same options"),
    (C30, "items: [q6, q7]", "items: []", "this list is empty"),
    (C30, "code: RF2", "code: q1", "q1 stands here twice"),
    (C30, "code: C30SUM", "code: RF2", "RF2 stands here twice"),
    (C30, "formula: reverse", "formula: backwards", "not one of linear, reverse"),
    (C30, "turned: [FA,", "turned: [QL2,", "no scale QL2 in the summary"),
    (C30, "scales: [PF2, RF2", "scales: [PF2, PF2", "PF2 stands here twice"),
]
NEWEST = "instruments/hsc/0.3/instrument.yaml"
NEWEST_NL = "instruments/hsc/0.3/nl.yaml"
BESIDE_THE_CALL_FAULTS = [
    (NEWEST, "recall_days: 7", "recall_days: 1", "at least 2"),
    (NEWEST, "place: call", "place: roof", "'roof' is not one of form, call"),
    (
        NEWEST,
        "cdisc: HSC02",
        "cdisc: HSC02, place: call",
        "beside the number to call stands only what is asked of urgent answers",
    ),
    (NEWEST_NL, "      JAUND:", "      YELLOW:", "there is no item YELLOW"),
    (NEWEST_NL, "{reported}", "{gemeld}", "{reported} stands in it once"),
]
WORDING_FAULTS = [
    (NL, "language: nl", "language: en", "the file is named nl.yaml"),
    (NL, '"2": "Bruin als thee of cola"', '"3": "Bruin"', "URINE needs words for exactly: 0, 1, 2"),
    (NL, "answers: severity", "answers: ernst", "no answers named 'ernst'"),
    (NL, '  REMARK: "Dit', '  REMARQUE: "Dit', "'REMARQUE' is not known here"),
    (NL, '  pump: "Uw', '  pomp: "Uw', "'pomp' is not known here"),
    (NL, '  sudden: "Bloeding en plotselinge klachten"\n', "", "needs words for exactly: sudden,"),
    (NL, "{phone}", "{telefoon}", "{telefoon} is not filled in"),
]
RULE_FAULTS = [
    (
        RULES,
        "when: {item: TEMP, is: 2}",
        "when: {item: TEMPERATURE, is: 2}",
        "there is no item 'TEMPERATURE'",
    ),
    (RULES, "when: {item: TEMP, is: 2}", "when: {item: TEMP, is: 9}", "TEMP does not offer 9"),
    (RULES, "when: {item: TEMP, is: 2}", "when: {item: TEMP, is: []}", "this list is empty"),
    (
        RULES,
        "when: {item: TEMP, is: 2}",
        "when: {item: TEMP, above: 2}",
        "'above' is not known here",
    ),
    (RULES, "when: {item: TEMP, is: 2}", "when: {any: []}", "this list is empty"),
    (RULES, "when: {item: TEMP, is: 2}", "when: {all: []}", "this list is empty"),
    (
        RULES,
        "when: {item: TEMP, is: 2}",
        "when: {item: CHILL, is: 1}",
        "the nurse would not see CHILL",
    ),
    (
        RULES,
        "{item: BLEED, ticked: [tar,",
        "{item: BLEED, ticked: [tarr,",
        "BLEED does not offer 'tarr'",
    ),
    (
        RULES,
        "{item: BLEED, ticked: [tar, vomblood, redpoo]}",
        "{item: BLEED, is: tar}",
        "use ticked",
    ),
    (RULES, "{fact: arm, is: B}", "{fact: arm, is: C}", "arm is never 'C'"),
    (RULES, "{code: extrahepatic_perfusion,", "{code: elsewhere,", "no text for the tag elsewhere"),
    (RULES, "    urgency: red\n", "    urgency: rood\n", "'rood' is not one of red, amber, info"),
    (RULES, "  - id: B2", "  - id: B1", "rule B1 stands here twice"),
    (RULES, 'reason: {nl: "diarree", en', "reason: {en", "'nl' is missing"),
    (RULES, "groups: [felt_fever]}", "groups: [F]}", "no amber rule belongs to the group F"),
    (RULES, "red: red\n", "red: rood\n", "there is no text 'rood'"),
    (
        RULES,
        "Bel nu het ziekenhuis: {phone}",
        "Bel nu het ziekenhuis: {telefoon}",
        "{telefoon} is not filled in",
    ),
    (RULES, "Bel nu het ziekenhuis: {phone}.", "Bel nu het ziekenhuis.", "which number to call"),
    (RULES, "{item: CONTACT, is: 1, text", "{item: CONTACT, is: 7, text", "offers 7"),
    (RULES, 'version: "0.1"', 'version: "0.2"', "the file is named 0.1.yaml"),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    INSTRUMENT_FAULTS + WORDING_FAULTS + RULE_FAULTS + BESIDE_THE_CALL_FAULTS,
)
def test_one_wrong_word_is_refused_with_file_line_and_reason(content, file, old, new, reason):
    line = rewrite(content, file, old, new)
    (fault,) = check(content)
    assert reason in fault.reason
    assert str(fault.path) == file
    # A list's fault may stand at the list's own name, and a missing part at the mapping that lacks
    # it.
    assert line - 1 <= fault.line <= line + new.count("\n") + 1
    assert str(fault) == f"{file}:{fault.line}: {fault.reason}"


def test_unsound_content_is_not_loaded(content):
    rewrite(content, HSC, "minutes: 4", "minutes: 0")
    with pytest.raises(UnsoundContent, match=f"{HSC}:6: at least 1"):
        load(content)


def test_libyaml_and_python_read_every_file_alike(monkeypatch):
    files = [*(HOME / "instruments").rglob("*.yaml"), *(HOME / "protocols").rglob("*.yaml")]
    quickly = [read(file) for file in files]
    monkeypatch.setattr(source, "_Fast", None)  # as where PyYAML was built without it
    assert [read(file) for file in files] == quickly
    assert len(files) > 20


@pytest.mark.parametrize("libyaml", [True, False])
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("- a\n- b\n", "a mapping of names to values is expected"),
        ("a: [1\n", "this is not YAML"),
        ("a: 1\n---\nb: 2\n", "this is not YAML"),
        ("a: \x00\n", "this is not YAML"),
        ("a: 1\nb: 2\na: 3\n", "'a' stands here twice"),
        ("a: no\n", "no would be read as true or false; quote it"),
        ("off: 1\n", "off would be read as true or false; quote it"),
        ("a: &all [1]\nb: *all\n", "a reference"),
        ("&all [*all]\n", "a reference"),
        ("[" * 4000, "too deep"),
        ("[" * 4000 + "]" * 4000, "too deep"),
        ("a: !!python/object:os.system x\n", "this value cannot be read"),
        ("? [a, b]\n: 1\n", "a name is a single word"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(tmp_path, monkeypatch, text, reason, libyaml):
    if not libyaml:
        monkeypatch.setattr(source, "_Fast", None)
    path = tmp_path / "file.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnsoundContent, match=reason) as refused:
        read(path).mapping()
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "file.yaml"
    path.write_bytes(b"a: \xff\n")
    with pytest.raises(UnsoundContent, match="not UTF-8"):
        read(path)


def test_a_quoted_no_is_a_text(tmp_path):
    path = tmp_path / "file.yaml"
    path.write_text('a: "no"\nb: true\n', encoding="utf-8")
    tree = read(path)
    assert (tree["a"].text(), tree["b"].boolean()) == ("no", True)


@pytest.mark.parametrize(
    "file", ["instruments/hsc/0.2/nl.yaml", "instruments/hsc/0.2/en.yaml", HSC]
)
def test_a_missing_file_is_refused(content, file):
    (content / file).unlink()
    faults = check(content)
    assert f"{file}:1: there is no such file" in map(str, faults)


@pytest.mark.parametrize(
    "file",
    [
        "instruments/hsc/0.2/de.yaml",
        "instruments/hsc/0.2/rules/0.2.yml",
        "instruments/hsc/new.yaml",
    ],
)
def test_a_file_that_nothing_reads_is_refused(content, file):
    (content / file).write_text("a: 1\n", encoding="utf-8")
    (fault,) = check(content)
    assert (str(fault.path), fault.reason[:26]) == (file, "nothing reads this file; r")


def test_every_unsound_file_is_named_at_once(content):
    rewrite(content, NL, "language: nl", "language: en")
    rewrite(content, RULES, "red: red", "red: rood")
    rewrite(content, PROTOCOL, "version: 1", "version: one")
    assert [str(fault.path) for fault in check(content)] == [NL, RULES, PROTOCOL]


def test_an_unsound_instrument_is_no_fault_of_the_protocol_that_asks_it(content):
    rewrite(content, HSC, "minutes: 4", "minutes: 0")
    assert [str(fault.path) for fault in check(content)] == [HSC]


def test_a_part_can_be_checked_by_itself(content):
    rewrite(content, NL, "language: nl", "language: en")
    assert [str(fault.path) for fault in check(content / "instruments" / "hsc")] == [NL]
    assert [str(fault.path) for fault in check(content / NL)] == [NL]
    assert check(content / "protocols") == []


def test_where_there_is_no_content_nothing_is_called_sound(tmp_path):
    (tmp_path / "instruments").mkdir()
    (fault,) = check(tmp_path)
    assert "here is no content" in fault.reason
    with pytest.raises(UnsoundContent, match="here is no content"):
        load(tmp_path)


def test_a_digest_changes_with_the_content_and_not_with_its_layout(content):
    before = load(content).instrument("hsc").digest
    rewrite(content, NEWEST, "minutes: 4", "minutes:   4   # about")
    assert load(content).instrument("hsc").digest == before
    rewrite(content, NEWEST, "minutes:   4", "minutes: 5")
    assert load(content).instrument("hsc").digest != before


def test_the_command_prints_a_line_for_each_fault_and_ends_with_2(content):
    rewrite(content, NL, "language: nl", "language: en")
    rewrite(content, C30, "items: [q6, q7]", "items: [q6, q77]")
    result = CliRunner().invoke(main, ["content", "check", str(content)])
    assert result.exit_code == 2
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [NL, C30]


def test_the_command_calls_sound_content_sound():
    result = CliRunner().invoke(main, ["content", "check"])
    assert (result.exit_code, result.stdout) == (0, "The content is sound.\n")


def test_a_threshold_for_clinical_importance_says_where_it_is_published(content):
    rewrite(
        content, C30, 'thresholds_from: "Giesinger et al., J Clin Epidemiol 2020;118:1-8"\n', ""
    )
    (fault,) = check(content)
    assert (str(fault.path), fault.reason.partition(":")[0]) == (
        C30,
        "'thresholds_from' is missing",
    )


def test_the_page_about_the_questionnaires_names_each_with_its_version_and_items(library):
    page = (HOME / "docs" / "instruments.md").read_text(encoding="utf-8")
    for code, versions in library.instruments.items():
        for version, instrument in versions.items():
            assert f"| `{code}` | {version} |" in page
            scored = [item.code for item in instrument.items if instrument.scales]
            assert not scored or (scored[0] in page and scored[-1] in page)
    unconfirmed = [
        s.code
        for held in library.instruments.values()
        for i in held.values()
        for s in i.scales
        if s.unconfirmed
    ]
    assert [code for code in unconfirmed if f"`{code}`" not in page] == []
