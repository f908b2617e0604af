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
    "snomed",
)


def read_scales(
    node: Node | None, summary: Node | None, items: dict[str, Item]
) -> tuple[Scale, ...]:
    """The scales in the file's order, the summary last."""
    scales = tuple(_scale(entry, items) for entry in node) if node else ()
    if summary is None:
        return scales
    return (*scales, _summary(summary, scales))


def _scale(node: Node, items: dict[str, Item]) -> Scale:
    node.mapping(NEEDED, ALLOWED)
    code = node["code"].text()
    formula = node["formula"].one_of(Formula)
    parts = _parts(node, items)
    scored = [items[part] for part in parts]
    low, high = _range(scored, node["items"], formula)
    return Scale(
        code=code,
        parts=parts,
        formula=formula,
        polarity=_polarity(node, formula),
        low=low,
        high=high,
        value_set=_value_set(node, scored, formula),
        important_below=node.optional_number("important_below"),
        important_above=node.optional_number("important_above"),
        unconfirmed=node.optional_text("unconfirmed"),
        source=node.optional_text("source"),
        cdisc=node.optional_text("cdisc"),
        snomed=node.optional_text("snomed"),
    )


def _parts(node: Node, items: dict[str, Item]) -> tuple[str, ...]:
    code = node["code"].text()
    parts = node["items"].texts()
    seen: set[str] = set()
    for entry, part in zip(node["items"].several(), parts, strict=True):
        if part not in items:
            entry.fail(f"scale {code} names an absent item {part}")
        if part in seen:
            entry.fail(f"scale {code} names {part} twice")
        seen.add(part)
    return parts


def _polarity(node: Node, formula: Formula) -> Polarity | None:
    """Whether higher is better: said of every scale but a name made of digits, which is no
    quantity."""
    polarity = node.get("polarity")
    if formula is Formula.DIGITS:
        if polarity:
            polarity.fail("digits are a name, not a quantity: neither better nor worse")
        return None
    if polarity is None:
        node.fail("'polarity' is missing")
    return polarity.one_of(Polarity)


def _range(items: list[Item], node: Node, formula: Formula) -> tuple[int, int]:
    """The lowest and the highest answer, the same for every item of a scale."""
    if formula is Formula.MEAN:
        node.fail("a mean of scales stands under summary")
    if formula is Formula.AS_ANSWERED:
        if len(items) != 1 or items[0].kind is not ItemKind.NUMBER:
            node.fail("one item that takes a number is expected")
        return items[0].low, items[0].high
    return _option_range(items, node, formula)


def _option_range(items: list[Item], node: Node, formula: Formula) -> tuple[int, int]:
    options = items[0].options
    if any(item.options != options for item in items):
        node.fail("the items of a scale have the same options")
    numbers = [option for option in options if isinstance(option, int)]
    if len(numbers) < 2:
        node.fail("the items of a scale have numbers to choose from, two at least")
    if formula is Formula.DIGITS and not 0 <= min(numbers) <= max(numbers) <= 9:
        node.fail("levels that stand side by side are single digits")
    return min(numbers), max(numbers)


def _value_set(node: Node, items: list[Item], formula: Formula) -> ValueSet | None:
    table = node.get("thousandths")
    if formula is not Formula.VALUE_SET:
        if table:
            table.fail("'thousandths' goes with the formula value_set")
        return None
    if table is None:
        node.fail("'thousandths' is missing")
    codes = [item.code for item in items]
    table.mapping(("full", "any_problem", *codes), ())
    losses = {item.code: _losses(table[item.code], item) for item in items}
    return ValueSet(table["full"].integer(), table["any_problem"].integer(), losses)


def _losses(node: Node, item: Item) -> tuple[int, ...]:
    losses = tuple(loss.integer() for loss in node)
    if len(losses) != len(item.options):
        node.fail(f"{item.code} has {len(item.options)} levels, here are {len(losses)}")
    if losses != tuple(sorted(losses)) or losses[0]:
        node.fail(f"the first level of {item.code} takes nothing, and a worse one never takes less")
    return losses


def _summary(node: Node, scales: tuple[Scale, ...]) -> Scale:
    node.mapping(needed=("code", "scales", "turned", "polarity", "source"), allowed=())
    own = {scale.code for scale in scales}
    _refuse_absent_or_twice(node["scales"], own, "there is no scale {}")
    summed = set(node["scales"].texts())
    _refuse_absent_or_twice(node["turned"], summed, "there is no scale {} in the summary")
    return Scale(
        code=node["code"].text(),
        parts=node["scales"].texts(),
        formula=Formula.MEAN,
        turned=frozenset(node["turned"].texts()),
        polarity=node["polarity"].one_of(Polarity),
        source=node["source"].text(),
    )


def _refuse_absent_or_twice(node: Node, scales: set[str], absent: str) -> None:
    """Refuse a list that names a scale twice, or one that is not among these; `absent` says so."""
    codes = node.texts()
    seen: set[str] = set()
    for entry, code in zip(node, codes, strict=True):
        if code not in scales:
            entry.fail(absent.format(code))
        if code in seen:
            entry.fail(f"{code} stands here twice")
        seen.add(code)
