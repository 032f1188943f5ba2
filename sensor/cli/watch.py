"""``spanwatch watch``: live and passive, from interfaces to alerts, assets and documents."""

from __future__ import annotations

import logging
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

import click

from sensor.cli.config_option import mirror_sessions
from sensor.cli.exit import FINE, SEVERITIES, USAGE, clear_errors, refuse, start_log
from sensor.cli.replay import report_interfaces
from sensor.cli.run_options import RunOptions, check, run_options, to_options

if TYPE_CHECKING:
    from sensor.live.picture import LastAlerts
    from sensor.live.watch import Watch
    from sensor.live.worker_process import WorkerProcess

MAX_WORKERS: Final = 64
LEVELS: Final = {"low": logging.INFO, "medium": logging.INFO, "high": logging.WARNING, "critical": logging.ERROR}
"""How loud an alert is in the log; --quiet leaves out what is below a warning."""


class Wishes:
    """What signals ask for: an end, a policy read again. They only leave a note; the loop acts on it."""

    def __init__(self) -> None:
        self.end = False
        self.reload = False

    def install(self) -> None:
        """Take the signals."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        signal.signal(signal.SIGHUP, self._reload)

    def _end(self, *_: object) -> None:
        self.end = True

    def _reload(self, *_: object) -> None:
        self.reload = True


def _open(interfaces: tuple[str, ...], workers: int, user: str | None) -> tuple[list[WorkerProcess], tuple[str, ...]]:
    """Open the interfaces that there are and give up every privilege; say which interfaces there are not."""
    from sensor.cli.config_option import networks  # noqa: PLC0415
    from sensor.inventory.vendor import vendor_of  # noqa: PLC0415
    from sensor.live import device  # noqa: PLC0415
    from sensor.live.error import LiveError  # noqa: PLC0415
    from sensor.live.privileges import drop  # noqa: PLC0415
    from sensor.live.silence import silence_sockets  # noqa: PLC0415
    from sensor.live.worker_process import open_workers  # noqa: PLC0415

    there: list[str] = []
    missing: list[str] = []
    for name in interfaces:
        try:
            device.find(name)
            there.append(name)
        except LiveError as error:
            missing.append(str(error))
    if not there:
        refuse("; ".join(missing))
    try:
        processes = open_workers(there, workers, networks=networks(), sessions=mirror_sessions())
        # What is loaded late otherwise is loaded now: the user to become may not be able to read it.
        vendor_of("00:00:00:00:00:00")
        drop(user)
    except LiveError as error:
        refuse(str(error))
    if not silence_sockets([ring.fileno() for process in processes for ring in process.rings]):
        click.echo(
            "spanwatch: this system cannot refuse sending by the packet sockets (seccomp); nothing here does", err=True
        )
    report_interfaces(interfaces)
    for sentence in missing:
        click.echo(f"spanwatch: {sentence}; watching goes on without it", err=True)
    return processes, tuple(there)


def _watch(watch: Watch, alerts: LastAlerts, wishes: Wishes, duration: float | None, quiet: bool) -> None:
    """Run until a signal or the duration ends it, showing what happens."""
    from sensor.cli.terminal.console import console  # noqa: PLC0415
    from sensor.cli.terminal.watching import LINE_SECONDS, SCREEN_SECONDS, Screen, log, state_line  # noqa: PLC0415
    from sensor.live.picture import Looker  # noqa: PLC0415

    looker = Looker(watch, alerts)
    until = time.monotonic() + duration if duration is not None else None
    pace = SCREEN_SECONDS if sys.stdout.isatty() else LINE_SECONDS
    due = time.monotonic() + (0 if sys.stdout.isatty() else pace)

    def is_over() -> bool:
        return wishes.end or (until is not None and time.monotonic() >= until)

    def each_turn(show: Screen | None) -> None:
        nonlocal due
        if wishes.reload:
            wishes.reload = False
            watch.reload()
        if quiet or time.monotonic() < due:
            return
        due = time.monotonic() + pace
        if show is None:
            log.info("%s", state_line(looker.look()))
        else:
            show.show(looker.look(), alerts.newest)

    if quiet or not sys.stdout.isatty():
        watch.run(is_over, lambda _: each_turn(None))
    else:
        with Screen(console()) as shown:
            watch.run(is_over, lambda _: each_turn(shown))
    if not quiet:
        log.info("%s", state_line(looker.look()))


@click.command("watch")
@click.option("-i", "--interface", "interfaces", multiple=True, required=True, help="Interface; again for more.")
@click.option("--workers", type=click.IntRange(1, MAX_WORKERS), default=1, show_default=True, help="Worker processes.")
@run_options
@click.option("--user", "become", help="User to become once the interfaces are open.")
@click.option("--duration", type=click.FloatRange(min=0), help="Seconds to watch; without it until it is stopped.")
@click.option(
    "--min-severity", type=click.Choice(SEVERITIES), default="low", show_default=True, help="Least severity to log."
)
@click.option("--quiet", is_flag=True, help="Only warnings, errors and alerts of severity high or above.")
def watch(
    interfaces: tuple[str, ...],
    workers: int,
    run: RunOptions,
    become: str | None,
    duration: float | None,
    min_severity: str,
    quiet: bool,
) -> None:
    """Watch interfaces, live and passive: nothing is ever sent to them.

    Needs CAP_NET_RAW to begin and gives it up before the first packet. SIGTERM and Ctrl-C end it with nothing lost;
    SIGHUP reads the policy again while watching goes on; what --output holds is added to. Exit codes: 0 ended as asked, 2 wrong
    use, no interface to watch, a baseline that was refused (watching goes on without it), or lines of --output or rows of
    --store that could not be written and are lost.

    \b
    Example:
      spanwatch watch -i eth1 --policy policy.yaml --store plant.db --output out/ --user spanwatch
    """
    wishes = Wishes()
    wishes.install()  # before anything slow: a signal that comes while it begins is a wish too
    from sensor.cli.terminal.watching import alert_line, log  # noqa: PLC0415
    from sensor.live.picture import LastAlerts  # noqa: PLC0415
    from sensor.live.watch import Watch  # noqa: PLC0415

    target = check(run)
    start_log()
    if quiet:
        log.setLevel("WARNING")
    processes, there = _open(tuple(dict.fromkeys(interfaces)), workers, become)
    alerts = LastAlerts(min_severity, lambda alert: log.log(LEVELS[alert.severity], "%s", alert_line(alert)))
    try:
        with clear_errors():
            options = to_options(run, target, interfaces=there)
            running = Watch(options, processes, [alerts])
            _watch(running, alerts, wishes, duration, quiet)
    finally:
        for process in processes:
            process.close()
    if running.lost:
        refuse(
            f"{running.lost} of the lines of --output and rows of --store could not be written: lost. Make room there"
        )
    raise SystemExit(USAGE if running.baseline_refused else FINE)


COMMAND: Final = watch
