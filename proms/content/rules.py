"""Reads `instruments/<code>/<version>/rules/<version>.yaml`: rules, what the nurse reads, what the
patient reads."""

from pathlib import Path

from proms.content.conditions import MayAsk, read_condition
from proms.content.facts import Values
from proms.content.source import Node, digest, read
from proms.content.wordings import with_slots
from proms.domain.alert import Addition, Advice, Rule, RuleSet, Tag, Urgency
from proms.domain.instrument import Instrument, items_in
from proms.domain.person import Language

LANGUAGES = [each.value for each in Language]


def read_rules(path: Path, shown: Path, instrument: Instrument, facts: Values | None) -> RuleSet:
    """The rule set in a file, checked against its instrument and the facts; raises
    UnsoundContent."""
    root = read(path, shown)
    root.mapping(needed=("version", "rules", "advice", "texts"), allowed=("tags",))
    if root["version"].text() != path.stem:
        root["version"].fail(f"the file is named {path.name}")
    tags, texts = root.get("tags"), root["texts"]
    known_tags = set(tags.mapping()) if tags else set()
    may_ask = MayAsk(instrument.by_code, facts)
    rules = tuple(_rule(node, may_ask, known_tags) for node in root["rules"].several())
    ids = [rule.id for rule in rules]
    for place, node in enumerate(root["rules"]):
        if ids[place] in ids[:place]:
            node.fail(f"rule {ids[place]} stands here twice")
    return RuleSet(
        instrument=instrument.code,
        version=root["version"].text(),
        rules=rules,
        advice=_advice(root["advice"], texts, instrument, rules),
        texts=_by_language(texts),
        tag_texts=_by_language(tags) if tags else {language: {} for language in LANGUAGES},
        digest=digest(root.plain()),
    )


def _rule(node: Node, may_ask: MayAsk, known_tags: set[str]) -> Rule:
    node.mapping(needed=("id", "urgency", "when", "shows", "group", "reason"), allowed=("tags",))
    for each in node["shows"]:
        if each.text() not in may_ask.items:
            each.fail(f"there is no item {each.text()!r}")
    when = read_condition(node["when"], may_ask)
    unseen = [item for item in items_in(when) if item not in node["shows"].texts()]
    if unseen:
        node["shows"].fail(f"the nurse would not see {unseen[0]}, which the rule looks at")
    tags = node.get("tags")
    return Rule(
        id=node["id"].text(),
        urgency=node["urgency"].one_of(Urgency),
        when=when,
        shows=node["shows"].texts(),
        group=node["group"].text(),
        reason=_languages(node["reason"]),
        tags=tuple(_tag(each, may_ask, known_tags) for each in tags) if tags else (),
    )


def _tag(node: Node, may_ask: MayAsk, known: set[str]) -> Tag:
    node.mapping(needed=("code", "when"), allowed=())
    if node["code"].text() not in known:
        node["code"].fail(f"there is no text for the tag {node['code'].text()}")
    return Tag(node["code"].text(), read_condition(node["when"], may_ask))


def _advice(node: Node, texts: Node, instrument: Instrument, rules: tuple[Rule, ...]) -> Advice:
    node.mapping(needed=("red", "amber", "info", "nothing", "additions", "called"), allowed=())
    known = set(texts.mapping())
    for language in texts[_key(node["red"], known)].mapping().values():
        if "{phone}" not in with_slots(language):
            language.fail("a red text says which number to call: {phone}")
    called = node["called"]
    called.mapping(needed=("item", "is", "text"), allowed=())
    item = instrument.by_code.get(called["item"].text())
    if item is None or called["is"].integer() not in item.options:
        called.fail(
            f"there is no item {called['item'].text()!r} that offers {called['is'].value!r}"
        )
    return Advice(
        levels={urgency: _key(node[urgency.value], known) for urgency in Urgency},
        nothing=_key(node["nothing"], known),
        additions=tuple(_addition(each, known, rules) for each in node["additions"]),
        called_item=called["item"].text(),
        called_value=called["is"].integer(),
        called=_key(called["text"], known),
    )


def _addition(node: Node, known: set[str], rules: tuple[Rule, ...]) -> Addition:
    node.mapping(needed=("text", "urgency", "groups"), allowed=())
    urgency = node["urgency"].one_of(Urgency)
    groups = {rule.group for rule in rules if rule.urgency is urgency}
    for each in node["groups"].several():
        if each.text() not in groups:
            each.fail(f"no {urgency} rule belongs to the group {each.text()}")
    return Addition(_key(node["text"], known), urgency, frozenset(node["groups"].texts()))


def _key(node: Node, known: set[str]) -> str:
    if node.text() not in known:
        node.fail(f"there is no text {node.text()!r}")
    return node.text()


def _languages(node: Node) -> dict[str, str]:
    return {
        key: with_slots(each) for key, each in node.mapping(needed=LANGUAGES, allowed=()).items()
    }


def _by_language(node: Node) -> dict[str, dict[str, str]]:
    words = {key: _languages(each) for key, each in node.mapping().items()}
    return {
        language: {key: each[language] for key, each in words.items()} for language in LANGUAGES
    }
