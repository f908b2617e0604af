"""Reads `instruments/<code>/<version>/rules/<version>.yaml`: rules, what the nurse reads, what the patient reads."""

from pathlib import Path

from proms.content.conditions import items_of, read_condition
from proms.content.instruments import FACTS, digest
from proms.content.source import Node, read
from proms.domain.alert import Addition, Advice, Rule, RuleSet, Tag, Urgency
from proms.domain.instrument import Instrument
from proms.domain.person import Language

LANGUAGES = [each.value for each in Language]


def read_rules(path: Path, shown: Path, instrument: Instrument) -> RuleSet:
    """The rule set in a file, checked against its instrument; raises UnsoundContent with line and reason."""
    root = read(path, shown)
    root.mapping(needed=("version", "rules", "advice", "texts"), allowed=("tags",))
    tags, texts = root.get("tags"), root["texts"]
    known_tags = set(tags.mapping()) if tags else set()
    rules = tuple(_rule(node, instrument, known_tags) for node in root["rules"])
    ids = [rule.id for rule in rules]
    for rule_id, node in zip(ids, root["rules"], strict=True):
        if ids.count(rule_id) > 1:
            node.fail(f"rule {rule_id} stands here twice")
    return RuleSet(
        instrument=instrument.code,
        version=root["version"].text(),
        rules=rules,
        advice=_advice(root["advice"], texts, instrument, {rule.group for rule in rules}),
        texts=_by_language(texts),
        tag_texts=_by_language(tags) if tags else {language: {} for language in LANGUAGES},
        digest=digest(root.plain()),
    )


def _rule(node: Node, instrument: Instrument, known_tags: set[str]) -> Rule:
    node.mapping(needed=("id", "urgency", "when", "shows", "group", "reason"), allowed=("tags",))
    items = items_of(instrument)
    for each in node["shows"]:
        if each.text() not in items:
            each.fail(f"there is no item {each.text()!r}")
    tags = node.get("tags")
    return Rule(
        id=node["id"].text(),
        urgency=node["urgency"].one_of(Urgency),
        when=read_condition(node["when"], items, FACTS),
        shows=node["shows"].texts(),
        group=node["group"].text(),
        reason=_languages(node["reason"]),
        tags=tuple(_tag(each, instrument, known_tags) for each in tags) if tags else (),
    )


def _tag(node: Node, instrument: Instrument, known: set[str]) -> Tag:
    node.mapping(needed=("code", "when"), allowed=())
    if node["code"].text() not in known:
        node["code"].fail(f"there is no text for the tag {node['code'].text()}")
    return Tag(node["code"].text(), read_condition(node["when"], items_of(instrument), FACTS))


def _advice(node: Node, texts: Node, instrument: Instrument, groups: set[str]) -> Advice:
    node.mapping(needed=("red", "amber", "info", "nothing", "additions", "called"), allowed=())
    known = set(texts.mapping())
    called = node["called"]
    called.mapping(needed=("item", "is", "text"), allowed=())
    if called["item"].text() not in items_of(instrument):
        called["item"].fail(f"there is no item {called['item'].text()!r}")
    return Advice(
        levels={urgency: _key(node[urgency.value], known) for urgency in Urgency},
        nothing=_key(node["nothing"], known),
        additions=tuple(_addition(each, known, groups) for each in node["additions"]),
        called_item=called["item"].text(),
        called_value=called["is"].integer(),
        called=_key(called["text"], known),
    )


def _addition(node: Node, known: set[str], groups: set[str]) -> Addition:
    node.mapping(needed=("text", "urgency", "groups"), allowed=())
    for each in node["groups"]:
        if each.text() not in groups:
            each.fail(f"no rule belongs to the group {each.text()}")
    urgency = node["urgency"].one_of(Urgency)
    return Addition(_key(node["text"], known), urgency, frozenset(node["groups"].texts()))


def _key(node: Node, known: set[str]) -> str:
    if node.text() not in known:
        node.fail(f"there is no text {node.text()!r}")
    return node.text()


def _languages(node: Node) -> dict[str, str]:
    return {key: each.text() for key, each in node.mapping(needed=LANGUAGES, allowed=()).items()}


def _by_language(node: Node) -> dict[str, dict[str, str]]:
    words = {key: _languages(each) for key, each in node.mapping().items()}
    return {language: {key: each[language] for key, each in words.items()} for language in LANGUAGES}
