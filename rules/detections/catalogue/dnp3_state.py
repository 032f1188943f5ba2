"""DNP3 alerts on what outstations report about themselves: indications that rise, and reports without pause."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelWindow, Exchange
from rules.detections.catalogue.dnp3_command import DNP3
from rules.detections.entry import Entry, Hit, Match, Predicate
from rules.detections.explanation import Explanation, discovery
from rules.detections.patterns.asked import ALL_OUTCOMES, place
from rules.detections.rule_state import RuleState

UNSOLICITED: Final = "unsolicited_response"
ANY_EXCHANGE: Final = (Match(Exchange, DNP3),)


def _indication(*names: str, counts: tuple[tuple[str, str, str], ...] = ()) -> Predicate:
    """Hit when an indication rises; ``counts`` are (severity, count setting, minutes setting), mildest first."""

    def predicate(context: Context, state: RuleState) -> Hit | None:
        fact = context.fact
        if not isinstance(fact, Exchange):
            return None
        risen = [name for name in str(fact.detail.get("iin_set", "")).split(",") if name in names]
        if not risen:
            return None
        severity = ""
        server = place(context)[1:]
        for level, count, minutes in counts:
            seen = state.count((level, *server), fact.time, 60 * state.settings[minutes])
            severity = level if seen >= state.settings[count] else severity
        return Hit(words={"indications": ", ".join(risen)}, severity=severity)

    return predicate


def _storm(context: Context, state: RuleState) -> Hit | None:
    fact, numbers = context.fact, state.settings
    if isinstance(fact, Exchange):
        seen = state.count(place(context), fact.time, numbers["seconds"])
    elif isinstance(fact, ChannelWindow):
        reports = [one for one in fact.operations if one.label.partition(" ")[0] == UNSOLICITED]
        seen = max((one.peak for one in reports), default=0)
        for one in reports:
            even = one.gap_sum / one.gap_count / 1e6 if one.gap_count else numbers["seconds"]
            if one.requests >= numbers["reports"] and even * (numbers["reports"] - 1) <= numbers["seconds"]:
                seen = max(seen, one.requests)
    else:
        return None
    if seen < numbers["reports"]:
        return None
    return Hit(words={"seen": seen, "seconds": numbers["seconds"]})


def _indicated(meaning: str) -> Explanation:
    reason = "{server} reports {indications}: " + meaning
    return Explanation("C", reason, "This indication stays off.", "{indications} rose at {time}.")


DNP3_STATE: Final = (
    Entry(
        id="DNP-030",
        name="Device restarted",
        severity="low",
        looks=ANY_EXCHANGE,
        predicate=_indication(
            "device_restart",
            counts=(
                ("low", "low_count", "low_minutes"),
                ("medium", "medium_count", "medium_minutes"),
                ("high", "high_count", "high_minutes"),
            ),
        ),
        settings={
            "low_count": 1,
            "low_minutes": 1,
            "medium_count": 2,
            "medium_minutes": 10,
            "high_count": 10,
            "high_minutes": 60,
        },
        scope="server",
        explanation=_indicated("it has restarted."),
        false_positives="A loss of power.",
        normal="A restart under a change ticket.",
        category="operating-mode",
        techniques=("T0816",),
    ),
    Entry(
        id="DNP-031",
        name="Event buffer overflow",
        severity="medium",
        looks=ANY_EXCHANGE,
        predicate=_indication("event_buffer_overflow", counts=(("high", "high_count", "high_minutes"),)),
        settings={"high_count": 3, "high_minutes": 10},
        scope="server",
        explanation=_indicated("events were lost before its master fetched them."),
        false_positives="Slow polling.",
        normal="A shorter event poll.",
        category="denial-of-service",
        techniques=("T0814", "T1691.002"),
    ),
    Entry(
        id="DNP-032",
        name="Configuration corrupt",
        severity="high",
        looks=ANY_EXCHANGE,
        predicate=_indication("config_corrupt"),
        scope="server",
        explanation=_indicated("its configuration is damaged."),
        false_positives="A hardware fault.",
        normal="The configuration loaded again.",
        category="operating-mode",
        context=("T0809",),
    ),
    Entry(
        id="DNP-033",
        name="Trouble or local mode",
        severity="low",
        looks=ANY_EXCHANGE,
        predicate=_indication("device_trouble", "local_control"),
        scope="server",
        explanation=_indicated("it is in trouble, or somebody works at the site."),
        false_positives="Work at the site.",
        normal="The site back in remote mode.",
        category="operating-mode",
    ),
    Entry(
        id="DNP-034",
        name="Reserved indication set",
        severity="low",
        looks=ANY_EXCHANGE,
        predicate=_indication("reserved_1", "reserved_2"),
        scope="server",
        explanation=_indicated("the standard reserves these bits; they are never set."),
        false_positives="Odd firmware.",
        normal="This device in settings.DNP-034.except.",
        category="protocol-violation",
        techniques=("T1692.002",),
    ),
    Entry(
        id="DNP-035",
        name="Unsolicited storm",
        severity="medium",
        looks=(
            Match(Exchange, DNP3, words=(UNSOLICITED,), outcomes=ALL_OUTCOMES),
            Match(ChannelWindow, DNP3),
        ),
        predicate=_storm,
        settings={"reports": 5, "seconds": 10},
        explanation=discovery(
            "{server} reports on its own without pause.",
            "Unsolicited reports come when something changes.",
            "{seen} unsolicited responses in {seconds} s.",
        ),
        false_positives="Confirms that were lost, so that reports are repeated.",
        normal="A higher number in settings.DNP-035.reports.",
        category="denial-of-service",
        techniques=("T1692.002", "T0814"),
        capture_fires="dnp3/new_master.pcap",
        capture_silent="plant/normal.pcap",
    ),
)
