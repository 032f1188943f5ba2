"""The files for running Spanwatch as a service: they are valid, and they keep what they promise about rights and secrets."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.repository import ROOT

DEPLOY = ROOT / "deploy"
SCHEMA = Path(__file__).with_name("compose-spec.json")
OURS = ("sensor", "shipper", "setup")
UNITS = ("spanwatch", "spanwatch-ship")
EXPOSURE = 2.0
"""systemd's scale goes from 0 to 10; below 2 nothing is left open but what the service is for."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file with its merges done."""
    read = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text below a value with the path of keys that leads to it."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from texts(below, f"{path}.{name}")
    elif isinstance(value, list):
        for below in value:
            yield from texts(below, path)
    else:
        yield path, str(value)


def settings(unit: str) -> dict[str, list[str]]:
    """Every setting of a unit file with its values in order."""
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / f"{unit}.service").read_text(encoding="utf-8").splitlines():
        if line and line[0].isalpha():
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


def test_the_compose_file_follows_the_compose_specification(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    assert [f"{error.json_path}: {error.message}" for error in checker.iter_errors(compose)] == []
    wrong = {"services": {"sensor": {"image": "spanwatch", "read_olny": True}}}
    assert list(checker.iter_errors(wrong))


def test_everything_a_service_names_exists(compose: dict[str, Any]) -> None:
    services = compose["services"]
    used = set()
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        assert set(service.get("networks", [])) <= set(compose["networks"]), name
        for volume in service.get("volumes", []):
            if volume["type"] == "volume":
                used.add(volume["source"])
            elif not volume["source"].startswith("${"):
                assert (DEPLOY / volume["source"]).is_file()
    assert used == set(compose["volumes"])
    assert (DEPLOY / services["sensor"]["build"]["context"] / "Dockerfile").is_file()
    asked = {name for _, text in texts(compose) for name in re.findall(r"(?<!\$)\$\{(\w+)", text)}
    offered = set(re.findall(r"^(\w+)=", (DEPLOY / "settings.env").read_text(encoding="utf-8"), re.MULTILINE))
    assert asked <= offered


def test_no_service_is_privileged_and_all_give_up_every_capability(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert "privileged" not in service, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not any("unconfined" in option for option in service["security_opt"]), name
        assert service.get("pid") is None, name
        assert "mem_limit" in service, name
        assert not any("docker.sock" in text for _, text in texts(service)), name
    added = {name: service["cap_add"] for name, service in compose["services"].items() if "cap_add" in service}
    assert added == {
        "sensor": ["NET_RAW", "SETGID", "SETUID"],
        "prepare": ["CHOWN", "DAC_OVERRIDE"],
    }


def test_spanwatch_itself_runs_on_a_read_only_root(compose: dict[str, Any]) -> None:
    for name in OURS:
        service = compose["services"][name]
        assert service["read_only"] is True, name
        assert all("noexec" in mount for mount in service["tmpfs"]), name
    assert compose["services"]["sensor"]["network_mode"] == "host"
    assert compose["services"]["sensor"]["entrypoint"] == ["spanwatch-capture"]
    for name in ("shipper", "setup"):
        assert "user" not in compose["services"][name], f"{name} runs as the image's own user"
        assert compose["services"][name]["networks"] == ["backend"]
    assert compose["networks"]["backend"]["internal"] is True


def test_images_are_built_here_or_have_a_version_and_the_cluster_has_one(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name in OURS:
        assert (services[name]["image"], services[name]["pull_policy"]) == ("spanwatch", "never"), name
    others = {service["image"] for service in services.values()} - {"spanwatch"}
    for image in others:
        assert re.search(r":\d+\.\d+\.\d+$", image), image
    assert len({image.rpartition(":")[2] for image in others if "elastic" in image}) == 1


def test_no_secret_stands_in_a_file_or_an_argument(compose: dict[str, Any]) -> None:
    for path, text in texts(compose):
        last = path.rpartition(".")[2].lower()
        if re.search(r"password|secret|token|api_?key", last):
            assert last.endswith("_file"), path
            assert text.startswith("/"), path
    options = [text for service in compose["services"].values() for text in service.get("command", [])]
    for option in options:
        if re.match(r"--\S*(password|key)", option):
            assert re.match(r"--elastic-(password|key)-file=/run/spanwatch/", option), option
    offered = (DEPLOY / "settings.env").read_text(encoding="utf-8")
    assert not re.search(r"^\w*(PASSWORD|KEY|SECRET|TOKEN)\w*=", offered, re.MULTILINE)


def test_tls_is_on_and_checked_everywhere(compose: dict[str, Any]) -> None:
    for path in DEPLOY.iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert not re.search(
                r"--insecure|curl\b.*\s-\w*k\b|verification_?mode\W+(none|certificate)\b", text, re.IGNORECASE
            ), path
            assert "http://" not in text, path
    environment = compose["services"]["elasticsearch"]["environment"]
    for layer in ("security", "security.http.ssl", "security.transport.ssl"):
        assert environment[f"xpack.{layer}.enabled"] == "true"
    for name in ("shipper", "setup"):
        command = compose["services"][name]["command"]
        assert "--elastic=https://elasticsearch:9200" in command
        assert "--elastic-ca=/run/spanwatch/ca.crt" in command


def test_only_kibana_is_published_and_only_on_this_host_by_default(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"kibana": ["${SPANWATCH_KIBANA_ADDRESS:-127.0.0.1}:5601:5601"]}


def test_servers_are_waited_for_until_they_answer(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name, service in services.items():
        for other, wanted in service.get("depends_on", {}).items():
            once = "restart" in services[other] and services[other]["restart"] != "unless-stopped"
            assert wanted["condition"] == ("service_completed_successfully" if once else "service_healthy"), name
            assert once or "healthcheck" in services[other], other


def test_each_secret_is_seen_only_by_who_needs_it(compose: dict[str, Any]) -> None:
    seen: dict[str, dict[str, bool]] = {}
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            if volume["type"] == "volume" and ("secrets" in volume["source"] or volume["source"] == "authority"):
                seen.setdefault(volume["source"], {})[name] = not volume.get("read_only", False)
    assert seen == {
        "authority": {"prepare": True},
        "elasticsearch-secrets": {"prepare": True, "accounts": False, "elasticsearch": False},
        "kibana-secrets": {"prepare": True, "accounts": False, "kibana": False},
        "setup-secrets": {"prepare": True, "setup": False},
        "shipper-secrets": {"prepare": True, "setup": True, "shipper": False},
    }


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (systemd)")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_accepts_the_unit_and_finds_little_exposed(unit: str, tmp_path: Path) -> None:
    text = (DEPLOY / f"{unit}.service").read_text(encoding="utf-8")
    placed = tmp_path / f"{unit}.service"
    placed.write_text(text.replace("/opt/spanwatch/bin/spanwatch", "/bin/true"), encoding="utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", placed], capture_output=True, text=True)
    ours = [line for line in verified.stderr.splitlines() if unit in line]
    assert (verified.returncode, ours) == (0, [])
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", placed], capture_output=True, text=True
    )
    level = re.search(r"Overall exposure level for \S+: (\d+\.\d+)", judged.stdout)
    assert level is not None, judged.stdout + judged.stderr
    print(f"{unit}: exposure {level[1]}")
    assert float(level[1]) < EXPOSURE


def test_the_sensor_may_listen_and_nothing_else_and_the_shipper_may_not_listen() -> None:
    sensor, shipper = settings("spanwatch"), settings("spanwatch-ship")
    assert sensor["AmbientCapabilities"] == sensor["CapabilityBoundingSet"] == ["CAP_NET_RAW"]
    assert "AF_PACKET" in sensor["RestrictAddressFamilies"][0].split()
    assert "AF_INET6" not in sensor["RestrictAddressFamilies"][0].split()
    assert sensor["IPAddressDeny"] == ["any"]
    assert sensor["ExecReload"] == ["/bin/kill -HUP $MAINPID"]
    assert "AmbientCapabilities" not in shipper
    assert shipper["CapabilityBoundingSet"] == [""]
    assert "AF_PACKET" not in shipper["RestrictAddressFamilies"][0].split()
    for unit in (sensor, shipper):
        assert unit["User"] == ["spanwatch"]
        assert unit["NoNewPrivileges"] == unit["MemoryDenyWriteExecute"] == unit["PrivateTmp"] == ["yes"]
        assert unit["ProtectSystem"] == ["strict"]
        assert "MemoryMax" in unit
    assert sensor["Restart"] == ["always"], "an end by SIGHUP is a clean one to systemd, and leaves nobody listening"
    assert shipper["Restart"] == ["on-failure"]
    assert [name.partition(":")[0] for name in shipper["LoadCredential"]] == ["elastic-key", "elastic-ca"]
    assert "LoadCredential" not in sensor


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not installed (systemd)")
def test_the_user_of_the_units_is_made_without_a_login(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    made = subprocess.run(
        ["systemd-sysusers", f"--root={tmp_path}", DEPLOY / "spanwatch.sysusers.conf"], capture_output=True, text=True
    )
    assert made.returncode == 0, made.stderr
    line = next(
        line for line in (tmp_path / "etc" / "passwd").read_text(encoding="utf-8").splitlines() if "spanwatch" in line
    )
    assert line.startswith("spanwatch:")
    assert line.endswith(":/var/lib/spanwatch:/usr/sbin/nologin")


def test_scripts_can_be_executed_and_are_sound_shell() -> None:
    for name in ("spanwatch-capture", "prepare.sh", "accounts.sh", "setup.sh"):
        path = DEPLOY / name
        assert path.stat().st_mode & stat.S_IXUSR, name
        shell = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!")
        assert subprocess.run([shell, "-n", path], capture_output=True).returncode == 0, name
