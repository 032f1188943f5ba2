"""The scalar words of the policy language: names, addresses, times, durations. Each is checked and made canonical."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

GROUP_BIT = 1
BROADCAST = "255.255.255.255"

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$"

_NAME = re.compile(NAME)
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,5})S)?)?")
_AGE = re.compile(r"([1-9][0-9]{0,3})([dwh])")


class Model(BaseModel):
    """What every part of a policy document is: closed, immutable, addressed by its YAML keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


def check_ip(text: str) -> str:
    """Return an IPv4 or IPv6 address in its usual form."""
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError(f"'{text}' is not an IP address; write it like 10.20.1.21") from None


def check_network(text: str) -> str:
    """Return a network in CIDR form; host bits are refused."""
    try:
        loose = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"'{text}' is not a network; write it like 10.20.1.0/24") from None
    if "/" not in text or loose != ip_network(text.split("/", maxsplit=1)[0]).supernet(new_prefix=loose.prefixlen):
        raise ValueError(f"'{text}' is not a network; write {loose}")
    if ip_address(text.split("/", maxsplit=1)[0]) != loose.network_address:
        raise ValueError(f"'{text}' is an address inside a network; write {loose}")
    return str(loose)


def check_mac(text: str) -> str:
    """Return a MAC in lower case with colons."""
    mac = text.lower().replace("-", ":")
    if not _MAC.fullmatch(mac):
        raise ValueError(f"'{text}' is not a MAC address; write it in quotes like \"00:1b:1b:aa:00:11\"")
    return mac


def check_mac_or_any(text: str) -> str:
    """Return a MAC, or ``any`` for an asset whose own MAC no sensor can see."""
    return "any" if text == "any" else check_mac(text)


def check_group_address(text: str) -> str:
    """Return the address of many: a MAC with the group bit, or an IP of a multicast group or of everybody."""
    address = read_address(text)
    if address is None:
        raise ValueError(f"'{text}' is not an address of a group; write it like \"01:0c:cd:01:00:01\" or 239.1.1.1")
    if not is_group(address):
        fix = 'for a broadcast "ff:ff:ff:ff:ff:ff", for one device its asset'
        raise ValueError(f"'{text}' is the address of one device, not of a group; write {fix}")
    return address


def check_group(text: str) -> str:
    """Return the name of a group of assets, or the address of a group."""
    if read_address(text) is not None:
        return check_group_address(text)
    if not _NAME.fullmatch(text):
        raise ValueError(f"'{text}' is not a name; use letters, digits and . _ : - (at most 64)")
    return text


def read_address(text: str) -> str | None:
    """Return a MAC or an IP address in its usual form, None for what is neither."""
    mac = text.lower().replace("-", ":")
    if _MAC.fullmatch(mac):
        return mac
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def is_group(address: str) -> bool:
    """Return whether a MAC or IP address stands for many."""
    if _MAC.fullmatch(address):
        return bool(int(address[:2], 16) & GROUP_BIT)
    return ip_address(address).is_multicast or address == BROADCAST


def check_clock(text: str) -> str:
    """Return a time of day HH:MM or HH:MM:SS."""
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"'{text}' is not a time of day; write it in quotes like \"06:00\"")
    return text


def read_instant(value: object) -> datetime:
    """Return a point in time; an offset is required."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError(f"'{value}' is not a time; write it like 2026-11-01T00:00:00Z")
    if moment.tzinfo is None:
        raise ValueError(f"'{value}' has no offset; write it like {value}Z or {value}+01:00")
    return moment


def read_day(value: object) -> date:
    """Return a plain date."""
    try:
        if isinstance(value, str) and len(value) == 10:
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"'{value}' is not a date; write it like 2027-05-01")


def read_duration(value: object) -> timedelta:
    """Return a duration of days, hours, minutes and seconds, written like P1DT12H."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    length = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise ValueError(f"'{value}' is not a duration; write it like PT12H")
    return length


def read_age(value: object) -> timedelta:
    """Return an age like ``90d``, ``6w`` or ``12h``."""
    match = _AGE.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError(f"'{value}' is not an age; write it like 90d")
    return {"d": timedelta(days=1), "w": timedelta(weeks=1), "h": timedelta(hours=1)}[match[2]] * int(match[1])


Name = Annotated[str, Strict(), StringConstraints(pattern=NAME)]
Text = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=500)]
Ip = Annotated[str, Strict(), AfterValidator(check_ip), Field(examples=["10.20.1.21"])]
Network = Annotated[str, Strict(), AfterValidator(check_network), Field(examples=["10.20.1.0/24"])]
Mac = Annotated[str, Strict(), AfterValidator(check_mac), Field(examples=["00:1b:1b:aa:00:11"])]
GroupName = Annotated[str, Strict(), AfterValidator(check_group), Field(examples=["masters", "01:0c:cd:01:00:01"])]
GroupAddress = Annotated[
    str, Strict(), AfterValidator(check_group_address), Field(examples=["01:0c:cd:01:00:01", "239.1.1.1"])
]
MacOrAny = Annotated[str, Strict(), AfterValidator(check_mac_or_any), Field(examples=["00:1b:1b:aa:00:11", "any"])]
Clock = Annotated[str, Strict(), AfterValidator(check_clock), Field(examples=["06:00"])]
Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict(), Field(ge=0)]
Number = Annotated[int, Strict()] | Annotated[float, Strict(), Field(allow_inf_nan=False)]
Level = Annotated[int, Strict(), Field(ge=0, le=5)] | Annotated[float, Strict(), Field(ge=0, le=5)]
TrustLevel = Annotated[int, Strict(), Field(ge=0, le=4)]
Instant = Annotated[datetime, BeforeValidator(read_instant), Field(examples=["2026-11-01T00:00:00Z"])]
Day = Annotated[date, BeforeValidator(read_day), Field(examples=["2027-05-01"])]
Duration = Annotated[timedelta, BeforeValidator(read_duration), Field(examples=["PT12H"])]
Age = Annotated[
    timedelta,
    BeforeValidator(read_age),
    WithJsonSchema({"type": "string", "pattern": f"^{_AGE.pattern}$", "examples": ["90d"]}),
]
