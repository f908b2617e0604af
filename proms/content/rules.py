"""Reads `instruments/<code>/<version>/rules/<version>.yaml`: rules, what the nurse reads, what the
patient reads."""

from collections.abc import Collection
from pathlib import Path

from proms.content.conditions import MayAsk, read_condition
from proms.content.events import at_least
from proms.content.facts import Values
from proms.content.source import Node, digest, read
from proms.content.wordings import with_slots
from proms.domain.alert import Addition, Advice, Raised, Rule, RuleSet, Tag, Urgency
from proms.domain.instrument import Earlier, Instrument, items_in, reports_in
from proms.domain.person import Language

Slots = Collection[str] | None
LANGUAGES = [language.value for language in Language]


def read_rules(path: Path, shown: Path, instrument: Instrument, facts: Values | None) -> RuleSet:
    """The rule set in a file, checked against its instrument and the facts; raises
    UnsoundContent."""
    root = read(path, shown)
    root.mapping(
        needed=("version", "rules", "advice", "texts"), allowed=("tags", "previous_within")
    )
    if root["version"].text() != path.stem:
        root["version"].fail(f"the file is named {path.name}")
    texts = root["texts"]
    tags = root.optional_mapping("tags")
    of_sites = _in_words(facts)
    rules = _rules(root["rules"], MayAsk(instrument.by_code, facts), tags)
    return RuleSet(
        instrument=instrument.code,
        instrument_version=instrument.version,
        version=root["version"].text(),
        rules=rules,
        advice=_advice(root["advice"], texts, instrument, rules, of_sites),
        texts=_by_language(texts.mapping(), of_sites),
        tag_texts=_by_language(tags, of_sites),
        previous_days=_previous_days(root, rules),
        digest=digest(root.plain()),
    )


def _rules(node: Node, may_ask: MayAsk, tags: Collection[str]) -> tuple[Rule, ...]:
    """In order: a rule may ask about those before it."""
    rules: dict[str, Rule] = {}
    for entry in node.several():
        rule = _rule(entry, may_ask._replace(rules=tuple(rules)), tags)
        if rule.id in rules:
            entry.fail(f"rule {rule.id} stands here twice")
        rules[rule.id] = rule
    return tuple(rules.values())


def _previous_days(root: Node, rules: tuple[Rule, ...]) -> int | None:
    """How many days back a previous report counts; said wherever a rule looks at one."""
    looks = any(Earlier.PREVIOUS in reports_in(rule.when) for rule in rules)
    within = root.get("previous_within")
    if within is None:
        if looks:
            root["rules"].fail("a rule looks at the previous report: previous_within is missing")
        return None
    return at_least(1, within)


def _rule(node: Node, may_ask: MayAsk, tags: Collection[str]) -> Rule:
    node.mapping(
        needed=("id", "urgency", "when", "shows", "group", "reason"), allowed=("tags", "raised")
    )
    for item in node["shows"]:
        if item.text() not in may_ask.items:
            item.fail(f"there is no item {item.text()!r}")
    when = read_condition(node["when"], may_ask)
    unseen = [item for item in items_in(when) if item not in node["shows"].texts()]
    if unseen:
        node["shows"].fail(f"the nurse would not see {unseen[0]}, which the rule looks at")
    return Rule(
        id=node["id"].text(),
        urgency=node["urgency"].one_of(Urgency),
        when=when,
        shows=node["shows"].texts(),
        group=node["group"].text(),
        reason=_in_each_language(node["reason"]),
        tags=tuple(_tag(entry, may_ask, tags) for entry in node.optional_list("tags")),
        raised=_raised(node.get("raised"), may_ask),
    )


def _raised(node: Node | None, may_ask: MayAsk) -> Raised | None:
    if node is None:
        return None
    node.mapping(needed=("urgency", "when"), allowed=())
    return Raised(node["urgency"].one_of(Urgency), read_condition(node["when"], may_ask))


def _tag(node: Node, may_ask: MayAsk, tags: Collection[str]) -> Tag:
    node.mapping(needed=("code", "when"), allowed=())
    code = node["code"].text()
    if code not in tags:
        node["code"].fail(f"there is no text for the tag {code}")
    return Tag(code, read_condition(node["when"], may_ask))


def _in_words(facts: Values | None) -> Slots:
    """The facts whose value can stand in a text: words, such as a site's limit for fever."""
    if facts is None:
        return None
    return tuple(
        fact
        for fact, values in facts.items()
        if not isinstance(values, range) and all(isinstance(value, str) for value in values)
    )


def _advice(
    node: Node,
    texts: Node,
    instrument: Instrument,
    rules: tuple[Rule, ...],
    of_sites: Slots,
) -> Advice:
    node.mapping(needed=("red", "amber", "info", "nothing", "additions", "called"), allowed=())
    keys = texts.mapping()
    for text in texts[_text_key(node["red"], keys)].mapping().values():
        if "{phone}" not in with_slots(text, of_sites):
            text.fail("a red text says which number to call: {phone}")
    called = node["called"]
    called.mapping(needed=("item", "is", "text"), allowed=())
    item = instrument.by_code.get(called["item"].text())
    if item is None or called["is"].integer() not in item.options:
        called.fail(
            f"there is no item {called['item'].text()!r} that offers {called['is'].value!r}"
        )
    return Advice(
        levels={urgency: _text_key(node[urgency.value], keys) for urgency in Urgency},
        nothing=_text_key(node["nothing"], keys),
        additions=tuple(_addition(entry, keys, rules) for entry in node["additions"]),
        called_item=called["item"].text(),
        called_value=called["is"].integer(),
        called=_text_key(called["text"], keys),
    )


def _addition(node: Node, keys: Collection[str], rules: tuple[Rule, ...]) -> Addition:
    node.mapping(needed=("text", "urgency", "groups"), allowed=())
    urgency = node["urgency"].one_of(Urgency)
    groups = {rule.group for rule in rules if urgency in rule.urgencies}
    for group in node["groups"].several():
        if group.text() not in groups:
            group.fail(f"no {urgency} rule belongs to the group {group.text()}")
    return Addition(_text_key(node["text"], keys), urgency, frozenset(node["groups"].texts()))


def _text_key(node: Node, keys: Collection[str]) -> str:
    """The name of a text, which must be one of these."""
    if node.text() not in keys:
        node.fail(f"there is no text {node.text()!r}")
    return node.text()


def _in_each_language(node: Node, of_sites: Slots = ()) -> dict[str, str]:
    entries = node.mapping(needed=LANGUAGES, allowed=())
    return {language: with_slots(text, of_sites) for language, text in entries.items()}


def _by_language(entries: dict[str, Node], of_sites: Slots) -> dict[str, dict[str, str]]:
    """Language -> key -> text; the file has them the other way about, so that a translator sees
    both texts together."""
    texts: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for key, node in entries.items():
        for language, text in _in_each_language(node, of_sites).items():
            texts[language][key] = text
    return texts
