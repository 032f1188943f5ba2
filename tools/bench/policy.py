"""The policy of the polling mix: its clients may poll their servers and write the set-points, and nothing else."""

from __future__ import annotations

from typing import Any

import yaml

from tools.bench.mix import SITES

RULE_REST = {"values": "any", "limits": "any", "when": "any", "owner": "Operations", "ticket": "BENCH-1"}


class _Plain(yaml.SafeDumper):
    """Writes every value out: policies may not hold anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return that nothing is ever referred to."""
        return True


def policy_text(connections: int) -> str:
    """Return a policy document for a mix of ``connections`` lines."""
    assets: dict[str, Any] = {}
    for site in range(SITES):
        assets[f"client-{site}"] = _asset(0x0A140000 + 10 + site, 0x001B1BAA0000 + site, "control_server", 2)
    for number in range(connections):
        assets[f"server-{number}"] = _asset(0x0A150000 + number, 0x0080F4000000 + number, "plc", 1)
    clients = [name for name in assets if name.startswith("client")]
    servers = [name for name in assets if name.startswith("server")]
    zone = {"safety": False, "accountable": "Operations", "sl_t": 2}
    everybody = {"from": {"group": "clients"}, "to": {"group": "servers"}, "action": "allow", "conduit": "c-cells"}
    document = {
        "apiVersion": "ot-policy/v1",
        "kind": "SegmentationPolicy",
        "metadata": {
            "id": "bench",
            "title": "Polling mix of the bench",
            "version": 1,
            "effective": "2026-01-01T00:00:00Z",
            "review_by": "2030-01-01",
            "time_zone": "UTC",
            "owner": {"role": "OT network owner", "name": "owner on duty"},
            "author": {"role": "OT engineer", "name": "engineer on duty"},
            "approvals": [
                {"role": "plant manager", "name": "manager on duty", "at": "2025-12-01T00:00:00Z", "ticket": "BENCH-1"},
                {"role": "OT security", "name": "analyst on duty", "at": "2025-12-02T00:00:00Z", "ticket": "BENCH-1"},
            ],
        },
        "defaults": {
            "action": "deny",
            "mode": "alert",
            "unknown_asset": "deny",
            "identity_mismatch": "deny",
            "unparsed_payload": "alert",
            "evidence_required": "90d",
        },
        "owners": ["Operations"],
        "assets": assets,
        "groups": {"clients": clients, "servers": servers},
        "zones": [
            {"id": "z-control", "level": 2, "assets": clients, **zone},
            {"id": "z-cells", "level": 1, "assets": servers, **zone},
        ],
        "conduits": [{"id": "c-cells", "between": ["z-control", "z-cells"], "sl_t": 2}],
        "point_sets": {
            "registers": {"protocol": "modbus", "table": "holding_register", "ranges": ["0-9999"]},
            "inputs": {"protocol": "modbus", "table": "input_register", "ranges": ["0-9999"]},
            "set-points": {"protocol": "modbus", "table": "holding_register", "ranges": ["100-101"]},
        },
        "rules": [
            _rule("R-1", everybody, "modbus", [3, 4], ["registers", "inputs"], "Polls of registers"),
            {
                **_rule("R-2", everybody, "modbus", [16], ["set-points"], "Set-points"),
                "values": {"100": {"min": 20, "max": 80}, "101": {"min": 0, "max": 35}},
            },
            _rule("R-3", everybody, "dnp3", ["read", "confirm"], "any", "Polls of classes"),
            _rule("R-4", everybody, "s7comm", ["setup_communication", "read_var"], "any", "Polls of data blocks"),
        ],
    }
    return yaml.dump(document, Dumper=_Plain, sort_keys=False)


def _asset(address: int, mac: int, role: str, level: int) -> dict[str, Any]:
    ip = ".".join(str((address >> shift) & 255) for shift in (24, 16, 8, 0))
    text = f"{mac:012x}"
    return {
        "ip": ip,
        "mac": ":".join(text[at : at + 2] for at in range(0, 12, 2)),
        "role": role,
        "level": level,
        "criticality": "medium",
    }


def _rule(
    name: str, ends: dict[str, Any], protocol: str, functions: list[Any], objects: list[str] | str, reason: str
) -> dict[str, Any]:
    return {
        "id": name,
        **ends,
        "protocol": protocol,
        "functions": functions,
        "objects": objects,
        **RULE_REST,
        "reason": reason,
    }
