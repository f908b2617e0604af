"""The scales of each questionnaire as its scoring manual prints them, written down apart from the
content files.

Scale -> (items, range of an item, functional). QLQ-C30: EORTC scoring manual, 3rd edition.
QLQ-LMC21 and QLQ-CR29: the tables that two independent packages print (PROscorer, QoLR). Sexual
interest (items 56 and 58) as more = higher.
"""

from statistics import mean

MANUALS = {
    "qlq-c30": {
        "QL2": ((29, 30), 6, False),
        "PF2": ((1, 2, 3, 4, 5), 3, True),
        "RF2": ((6, 7), 3, True),
        "EF": ((21, 22, 23, 24), 3, True),
        "CF": ((20, 25), 3, True),
        "SF": ((26, 27), 3, True),
        "FA": ((10, 12, 18), 3, False),
        "NV": ((14, 15), 3, False),
        "PA": ((9, 19), 3, False),
        "DY": ((8,), 3, False),
        "SL": ((11,), 3, False),
        "AP": ((13,), 3, False),
        "CO": ((16,), 3, False),
        "DI": ((17,), 3, False),
        "FI": ((28,), 3, False),
    },
    "qlq-lmc21": {
        "LMC_NP": ((31, 32), 3, False),
        "LMC_FA": ((37, 43, 44), 3, False),
        "LMC_PA": ((39, 40, 42), 3, False),
        "LMC_EP": ((47, 48, 49, 50), 3, False),
        "LMC_WL": ((33,), 3, False),
        "LMC_TA": ((34,), 3, False),
        "LMC_DM": ((35,), 3, False),
        "LMC_SM": ((36,), 3, False),
        "LMC_PN": ((38,), 3, False),
        "LMC_JA": ((41,), 3, False),
        "LMC_FR": ((45,), 3, False),
        "LMC_FE": ((46,), 3, False),
        "LMC_SX": ((51,), 3, False),
    },
    "qlq-cr29": {
        "CR_UF": ((31, 32), 3, False),
        "CR_BMS": ((38, 39), 3, False),
        "CR_SF": ((52, 53), 3, False),
        "CR_BI": ((45, 46, 47), 3, True),
        "CR_ANX": ((43,), 3, True),
        "CR_WEI": ((44,), 3, True),
        "CR_UI": ((33,), 3, False),
        "CR_DY": ((34,), 3, False),
        "CR_AP": ((35,), 3, False),
        "CR_BP": ((36,), 3, False),
        "CR_BF": ((37,), 3, False),
        "CR_DM": ((40,), 3, False),
        "CR_HL": ((41,), 3, False),
        "CR_TA": ((42,), 3, False),
        "CR_FL": ((49,), 3, False),
        "CR_FI": ((50,), 3, False),
        "CR_SS": ((51,), 3, False),
        "CR_EMB": ((54,), 3, False),
        "CR_STO": ((55,), 3, False),
        "CR_SEXM": ((56,), 3, False),
        "CR_IMP": ((57,), 3, False),
        "CR_SEXW": ((58,), 3, False),
        "CR_DYS": ((59,), 3, False),
    },
}
EVERY_SCALE = [(instrument, code) for instrument, scales in MANUALS.items() for code in scales]


def by_the_manual(instrument, code, answers):
    """The score of a scale in the manual's own words; None where fewer than half of its items are
    answered."""
    items, span, functional = MANUALS[instrument][code]
    given = [answers[f"q{n}"] for n in items if f"q{n}" in answers]
    if 2 * len(given) < len(items):
        return None
    raw = mean(given)
    return (1 - (raw - 1) / span) * 100 if functional else (raw - 1) / span * 100
