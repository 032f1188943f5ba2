"""``spanwatch elastic``: prepare a cluster, ship what waits in a store, show how it goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from sensor.cli.alerts import STORE
from sensor.cli.config_option import told_by
from sensor.cli.elastic_options import ElasticOptions, elastic_options, refuse_wrong_cluster, settings_or_none
from sensor.cli.exit import ALERTS, FINE, USAGE, clear_errors, refuse, store_path

if TYPE_CHECKING:
    from sensor.elastic.settings import Credential, Settings

MAX_LINE: Final = 2_000
NEED_URL: Final = "which Elasticsearch? Give --elastic https://HOST:9200"


@click.group("elastic")
def elastic_group() -> None:
    """Write to Elasticsearch: prepare a cluster, ship what waits, show how it goes.

    \b
    Example:
      spanwatch elastic setup --elastic https://es:9200 --elastic-ca ca.pem --elastic-user admin \\
        --elastic-password-file password --site plant1 --sensor s1 --key-out s1.key
    """


def _report(line: str) -> None:
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415

    click.echo(f"spanwatch: {plain(line, MAX_LINE)}", err=True)


@elastic_group.command("setup")
@elastic_options
@click.option("--site", default="default", show_default=True, help="Site name; the namespace of the data streams.")
@click.option("--sensor", default="spanwatch", show_default=True, help="Name of the sensor the key is for.")
@click.option("--key-out", type=click.Path(path_type=Path, dir_okay=False), help="New file for the sensor's API key.")
@click.option("--key-only", is_flag=True, help="Make the key and nothing else.")
@click.option("--transform", is_flag=True, help="Also keep the newest record of each asset in an index of its own.")
@click.option("--kibana", metavar="URL", help="Kibana to import data view and dashboards into (with /s/SPACE).")
@click.option("--kibana-ca", type=click.Path(path_type=Path, dir_okay=False), help="Its authority, if another (PEM).")
@click.option("--kibana-rules", is_flag=True, help="Also import the rule that promotes alerts to Security.")
@click.option("--print", "only_print", is_flag=True, help="Print the requests instead; needs no server.")
def setup(
    elastic: ElasticOptions,
    site: str,
    sensor: str,
    key_out: Path | None,
    key_only: bool,
    transform: bool,
    kibana: str | None,
    kibana_ca: Path | None,
    kibana_rules: bool,
    only_print: bool,
) -> None:
    """Prepare a cluster: lifecycle, pipeline, templates; make the sensor's key; import dashboards.

    Safe to run again. Use an administrator's user here; the sensor itself gets a key that can only add documents.

    \b
    Example:
      spanwatch elastic setup --print --site plant1
    """
    from sensor.documents.origin import Origin  # noqa: PLC0415
    from sensor.elastic.requests import api_key, latest_requests, printed, setup_requests  # noqa: PLC0415

    try:
        Origin(site=site, sensor=sensor, version="0")
    except ValueError as error:
        refuse(told_by("site" if str(error).startswith("site") else "sensor") + str(error))
    if only_print:
        requests = [*setup_requests(), *(latest_requests() if transform else ()), api_key(site, sensor)]
        click.echo(printed(requests), nl=False)
        return
    if kibana_rules and kibana is None:
        refuse("--kibana-rules needs --kibana URL")
    if key_only and key_out is None:
        refuse("--key-only needs --key-out FILE")
    settings = settings_or_none(elastic, site, sensor)
    if settings is None:
        refuse(f"{NEED_URL}, or --print to see the requests")
    _check_kibana(kibana, settings)
    if problem := refuse_wrong_cluster(settings):
        refuse(problem)
    _apply(settings, None if key_only else transform, key_out)
    if kibana is not None:
        _import_objects(kibana, settings, kibana_ca, kibana_rules)


def _check_kibana(url: str | None, settings: Settings) -> None:
    from sensor.elastic.settings import SettingsError, check, check_url  # noqa: PLC0415

    if url is not None:
        try:
            check_url(url, "--kibana", has_credential=check(settings) is not None)
        except SettingsError as error:
            refuse(str(error))


def _credential(settings: Settings) -> Credential | None:
    from sensor.elastic.settings import SettingsError, check  # noqa: PLC0415

    try:
        return check(settings)
    except SettingsError as error:
        refuse(str(error))


def _apply(settings: Settings, transform: bool | None, key_out: Path | None) -> None:
    """Apply the set-up; ``transform`` None leaves everything but the key alone."""
    from sensor.elastic.connect import connect  # noqa: PLC0415
    from sensor.elastic.setup import Setup, SetupError  # noqa: PLC0415

    credential = _credential(settings)
    with connect(settings, credential) as client:
        work = Setup(client, credential, click.echo)
        try:
            if transform is not None:
                work.apply(settings.site, transform)
            if key_out is not None:
                work.make_key(settings.site, settings.sensor, key_out)
        except SetupError as error:
            _report(str(error))
            raise SystemExit(USAGE) from error


def _import_objects(url: str, settings: Settings, ca: Path | None, with_rules: bool) -> None:
    from sensor.elastic.kibana import RULES, SAVED_OBJECTS, KibanaError, import_objects  # noqa: PLC0415

    credential, authority = _credential(settings), ca or settings.ca
    try:
        count = import_objects(url, SAVED_OBJECTS, credential, authority)
        click.echo(f"Kibana took {count} saved objects")
        if with_rules:
            count = import_objects(url, RULES, credential, authority)
            click.echo(f"Kibana took {count} rules")
    except KibanaError as error:
        _report(str(error))
        raise SystemExit(USAGE) from error


@elastic_group.command("ship")
@STORE
@elastic_options
@click.option("--until-empty", is_flag=True, help="End when nothing waits any more.")
@click.option(
    "--patience",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    help="With --until-empty: give up after so many seconds without progress.",
)
@click.option("--follow", is_flag=True, hidden=True)
def ship(
    store: Path | None, elastic: ElasticOptions, until_empty: bool, patience: float, follow: bool
) -> None:  # fmt: skip
    """Ship what waits in a store, and what is added meanwhile, until SIGTERM or Ctrl-C.

    Exit codes: 0 fine, 1 documents still wait (with --until-empty), 2 wrong use or settings that cannot work.

    \b
    Example:
      spanwatch elastic ship --store spanwatch.db --elastic https://es:9200 --elastic-ca ca.pem \\
        --elastic-key-file s1.key --until-empty
    """
    from sensor.elastic.lock import LockedError  # noqa: PLC0415
    from sensor.elastic.run import Control, Ending, give_way  # noqa: PLC0415
    from sensor.elastic.run import ship as ship_store  # noqa: PLC0415

    path = store_path(store)
    if not path.is_file():
        refuse(f"{path}: does not exist. Make it with: spanwatch replay CAPTURE --store {path}")
    settings = settings_or_none(elastic)
    if settings is None:
        refuse(NEED_URL)
    control = Control(until_empty)
    control.catch_signals()
    if follow:
        control.follow_input()
        give_way()
    elif until_empty:
        refuse_wrong_cluster(settings)
    with clear_errors():
        try:
            ending = ship_store(path, settings, _credential(settings), control, _report, patience)
        except LockedError as error:
            refuse(str(error))
        except OSError as error:
            refuse(f"{path}: cannot be locked for shipping ({error.strerror or error}). Check the folder's permissions")
    if ending is Ending.WAITING and not follow:
        _report(f"{path}: documents still wait; see: spanwatch elastic status --store {path}")
    raise SystemExit(ALERTS if ending is Ending.WAITING else FINE)


@elastic_group.command("status")
@STORE
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def status(store: Path | None, as_json: bool) -> None:
    """Show what waits, what arrived, and what is wrong.

    \b
    Example:
      spanwatch elastic status --store spanwatch.db
    """
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415
    from sensor.elastic.status import as_object, as_text, read_status  # noqa: PLC0415
    from sensor.store import Store  # noqa: PLC0415

    with clear_errors(), Store(store_path(store), read_only=True) as opened:
        found = read_status(opened)
    if as_json:
        import msgspec  # noqa: PLC0415

        click.echo(msgspec.json.encode(as_object(found)))
        return
    for line in as_text(found):
        click.echo(plain(line, MAX_LINE))


COMMAND: Final = elastic_group
