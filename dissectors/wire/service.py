"""What IT conversations are: recognised by their first bytes where these are reporting, else named by the port.

Only names: nothing of these protocols is dissected here. Ports after the IANA registry. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

FIRST_BYTES: Final = [
    (b"SSH-", "ssh"),
    (b"GET ", "http"),
    (b"POST ", "http"),
    (b"PUT ", "http"),
    (b"HEAD ", "http"),
    (b"DELETE ", "http"),
    (b"OPTIONS ", "http"),
    (b"HTTP/1.", "http"),
    (b"RFB 00", "vnc"),
    (b"HELF", "opcua"),
    (b"ACKF", "opcua"),
    (b"OPNF", "opcua"),
    (b"MSGF", "opcua"),
    (b"\x10\x00\x04MQTT", "mqtt"),
    (b"\xff\xfb", "telnet"),
    (b"\xff\xfd", "telnet"),
    (b"220 ", "ftp"),
]
WEAK: Final = frozenset({"telnet"})
"""Names that two bytes show: values of a plant may be these, too."""
PORTS: Final = {
    "tcp/20": "ftp-data",
    "tcp/21": "ftp",
    "tcp/22": "ssh",
    "tcp/23": "telnet",
    "tcp/25": "smtp",
    "tcp/53": "dns",
    "tcp/80": "http",
    "tcp/88": "kerberos",
    "tcp/135": "msrpc",
    "tcp/139": "smb",
    "tcp/389": "ldap",
    "tcp/443": "tls",
    "tcp/445": "smb",
    "tcp/1433": "mssql",
    "tcp/1883": "mqtt",
    "tcp/3306": "mysql",
    "tcp/3389": "rdp",
    "tcp/4840": "opcua",
    "tcp/5432": "postgresql",
    "tcp/5900": "vnc",
    "tcp/5985": "winrm",
    "tcp/5986": "winrm",
    "tcp/8080": "http",
    "tcp/44818": "enip",
    "udp/53": "dns",
    "udp/67": "dhcp",
    "udp/68": "dhcp",
    "udp/69": "tftp",
    "udp/123": "ntp",
    "udp/137": "netbios-ns",
    "udp/138": "netbios-dgm",
    "udp/161": "snmp",
    "udp/162": "snmp-trap",
    "udp/319": "ptp",
    "udp/320": "ptp",
    "udp/514": "syslog",
    "udp/1900": "ssdp",
    "udp/2222": "enip-io",
    "udp/3544": "teredo",
    "udp/4789": "vxlan",
    "udp/4790": "vxlan-gpe",
    "udp/5353": "mdns",
    "udp/5355": "llmnr",
    "udp/6081": "geneve",
    "udp/6635": "mpls-in-udp",
    "udp/7932": "hp-erm",
    "udp/8472": "vxlan",
    "udp/37008": "tzsp",
    "udp/44818": "enip",
    "udp/47808": "bacnet",
}
ETHERTYPES: Final = {
    0x0806: "arp",
    0x0842: "wake-on-lan",
    0x22EA: "srp",
    0x22F0: "avtp",
    0x6001: "mop",
    0x6002: "mop",
    0x6003: "decnet",
    0x6004: "lat",
    0x8035: "rarp",
    0x8100: "vlan",
    0x8137: "ipx",
    0x8204: "qnet",
    0x8808: "flow-control",
    0x8809: "slow-protocols",
    0x8863: "pppoe-discovery",
    0x8864: "pppoe",
    0x886D: "intel-probe",
    0x888E: "eapol",
    0x8892: "profinet",
    0x88A2: "ata-over-ethernet",
    0x88A4: "ethercat",
    0x88AB: "powerlink",
    0x88B5: "local-experimental",
    0x88B6: "local-experimental",
    0x88B8: "goose",
    0x88B9: "gse-management",
    0x88BA: "sampled-values",
    0x88CA: "tipc",
    0x88CD: "sercos",
    0x88D9: "lltd",
    0x88E1: "homeplug",
    0x88E3: "mrp",
    0x88F5: "mvrp",
    0x88F6: "mmrp",
    0x88F7: "ptp",
    0x88FB: "prp",
    0x8902: "cfm",
    0x8906: "fcoe",
    0x8914: "fip",
    0x891D: "ttethernet",
    0x892F: "hsr",
    0x9000: "loopback",
    0x88E5: "macsec",
}
SEALED: Final = frozenset({0x88E5})
"""Ethertypes with a name that wrap something: MACsec."""
ENCRYPTED: Final = frozenset({"tls", "ssh"})
"""Whose bytes say nothing behind the first ones."""
TLS_RECORDS: Final = (0x14, 0x15, 0x16, 0x17)


def by_bytes(data: bytes, start: i64, end: i64) -> str:
    """Return the protocol that the first bytes of a direction show, "" when they do not report."""
    head = data[start : min(end, start + 16)]
    if len(head) >= 3 and head[0] in TLS_RECORDS and head[1] == 3 and head[2] <= 4:
        return "tls"
    for prefix, name in FIRST_BYTES:
        if head.startswith(prefix):
            return name
    if len(head) >= 8 and head[4:8] in (b"\xffSMB", b"\xfeSMB", b"\xfdSMB"):
        return "smb"
    return ""


def by_port(transport: str, port: i64) -> str:
    """Return the usual protocol of a server port, "" when none is usual."""
    return PORTS.get(f"{transport}/{int(port)}", "")


def is_service(transport: str, port: i64) -> bool:
    """Return whether servers rather than clients use this port."""
    return port < 1024 or f"{transport}/{int(port)}" in PORTS


def by_ethertype(number: i64) -> str:
    """Return the name of an ethertype; an unknown one keeps its number."""
    if number < 1536:
        return "llc"
    return ETHERTYPES.get(int(number), f"ethertype-0x{int(number):04x}")


def has_name(number: i64) -> bool:
    """Return whether frames of an ethertype are a known conversation, not a wrapping that nobody reads."""
    return number < 1536 or (int(number) in ETHERTYPES and int(number) not in SEALED)
