"""Reads the scales of an instrument: which parts, by which formula, and what a score means."""

from proms.content.source import Node
from proms.domain.instrument import Formula, Item, ItemKind, Polarity, Scale, ValueSet

NEEDED = ("code", "items", "formula")
ALLOWED = (
    "polarity",
    "important_below",
    "important_above",
    "thousandths",
    "unconfirmed",
    "source",
    "cdisc",
)


def read_scales(
    node: Node | None, summary: Node | None, items: dict[str, Item]
) -> tuple[Scale, ...]:
    """The scales in the file's order, the summary last."""
    scales = tuple(_scale(each, items) for each in node) if node else ()
    return (*scales, _summary(summary, scales)) if summary else scales


def _scale(node: Node, items: dict[str, Item]) -> Scale:
    node.mapping(NEEDED, ALLOWED)
    code, formula = node["code"].text(), node["formula"].one_of(Formula)
    parts = _parts(node, items)
    low, high = _range([items[part] for part in parts], node["items"], formula)
    below, above, unconfirmed, source, cdisc = (
        node.get(key)
        for key in ("important_below", "important_above", "unconfirmed", "source", "cdisc")
    )
    return Scale(
        code=code,
        parts=parts,
        formula=formula,
        polarity=_polarity(node, formula),
        low=low,
        high=high,
        value_set=_value_set(node, [items[part] for part in parts], formula),
        important_below=below.number() if below else None,
        important_above=above.number() if above else None,
        unconfirmed=unconfirmed.text() if unconfirmed else None,
        source=source.text() if source else None,
        cdisc=cdisc.text() if cdisc else None,
    )


def _parts(node: Node, items: dict[str, Item]) -> tuple[str, ...]:
    code, parts = node["code"].text(), node["items"].texts()
    for place, each in enumerate(node["items"].several()):
        if parts[place] not in items:
            each.fail(f"scale {code} names an absent item {parts[place]}")
        if parts[place] in parts[:place]:
            each.fail(f"scale {code} names {parts[place]} twice")
    return parts


def _polarity(node: Node, formula: Formula) -> Polarity | None:
    """Whether higher is better: said of every scale but a name made of digits, which is no
    quantity."""
    polarity = node.get("polarity")
    if formula is Formula.DIGITS:
        return (
            polarity.fail("digits are a name, not a quantity: neither better nor worse")
            if polarity
            else None
        )
    return polarity.one_of(Polarity) if polarity else node.fail("'polarity' is missing")


def _range(items: list[Item], node: Node, formula: Formula) -> tuple[int, int]:
    """The lowest and the highest answer, the same for every item of a scale."""
    if formula is Formula.MEAN:
        node.fail("a mean of scales stands under summary")
    if formula is Formula.AS_ANSWERED:
        if len(items) != 1 or items[0].kind is not ItemKind.NUMBER:
            node.fail("one item that takes a number is expected")
        return items[0].low, items[0].high
    options = items[0].options
    if any(item.options != options for item in items):
        node.fail("the items of a scale have the same options")
    numbers = [each for each in options if isinstance(each, int)]
    if len(numbers) < 2:
        node.fail("the items of a scale have numbers to choose from, two at least")
    if formula is Formula.DIGITS and not 0 <= min(numbers) <= max(numbers) <= 9:
        node.fail("levels that stand side by side are single digits")
    return min(numbers), max(numbers)


def _value_set(node: Node, items: list[Item], formula: Formula) -> ValueSet | None:
    table = node.get("thousandths")
    if formula is not Formula.VALUE_SET:
        return table.fail("'thousandths' goes with the formula value_set") if table else None
    if table is None:
        node.fail("'thousandths' is missing")
    codes = [item.code for item in items]
    table.mapping(("full", "any_problem", *codes), ())
    losses = {item.code: _losses(table[item.code], item) for item in items}
    return ValueSet(table["full"].integer(), table["any_problem"].integer(), losses)


def _losses(node: Node, item: Item) -> tuple[int, ...]:
    losses = tuple(each.integer() for each in node)
    if len(losses) != len(item.options):
        node.fail(f"{item.code} has {len(item.options)} levels, here are {len(losses)}")
    if losses != tuple(sorted(losses)) or losses[0]:
        node.fail(f"the first level of {item.code} takes nothing, and a worse one never takes less")
    return losses


def _summary(node: Node, scales: tuple[Scale, ...]) -> Scale:
    node.mapping(needed=("code", "scales", "turned", "polarity", "source"), allowed=())
    for key, known in (
        ("scales", {scale.code for scale in scales}),
        ("turned", set(node["scales"].texts())),
    ):
        names = node[key].texts()
        for place, each in enumerate(node[key]):
            if names[place] not in known:
                each.fail(
                    f"there is no scale {names[place]}"
                    + (" in the summary" if key == "turned" else "")
                )
            if names[place] in names[:place]:
                each.fail(f"{names[place]} stands here twice")
    return Scale(
        code=node["code"].text(),
        parts=node["scales"].texts(),
        formula=Formula.MEAN,
        turned=frozenset(node["turned"].texts()),
        polarity=node["polarity"].one_of(Polarity),
        source=node["source"].text(),
    )
