"""The `partsbay` command: the one file that knows all programs, each imported only when its command is called."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

_BOTH = "expected a seed file or --shops, found both"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 done, 1 the check failed, 2 the input was refused."""
    options = _parser().parse_args(arguments)
    try:
        status = options.run(options)
    except (ValueError, OSError) as error:
        print(f"partsbay: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return int(status or 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="partsbay", description="Smart parts cabinets for repair shops.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_gateway(commands.add_parser("gateway", help="the gateway in a shop"))
    _add_cloud(commands.add_parser("cloud", help="the dealer's cloud service"))
    _add_firmware(commands.add_parser("firmware", help="bundles of controller firmware, and the keys that sign them"))
    _add_hardware(commands.add_parser("hardware", help="boards: can they be built, how are they wired, what is bought"))
    _add_planogram(commands.add_parser("planogram", help="which part belongs in which bin"))
    _add_demo(commands.add_parser("demo", help="one shop, two cabinets, people at work, in one terminal"))
    _add_replay(commands.add_parser("replay", help="drive recorded visits through the whole system"))
    _add_simulate(commands.add_parser("simulate", help="a seed of people, work and faults in virtual time, judged"))
    _add_count_bench(commands.add_parser("count-bench", help="how well sessions are counted: the published accuracy"))
    _add_year(
        commands.add_parser("year", help="a year of work at one cabinet: is the ledger right, are thefts noticed")
    )
    _add_backtest(commands.add_parser("backtest", help="how well forecast and policy would have done on past demand"))
    _add_simulate_dealer(
        commands.add_parser("simulate-dealer", help="a dealer's year: forecast against typed-in min and max")
    )
    _add_commission(commands.add_parser("commission", help="from boards to a cabinet that works, over its serial port"))
    _add_bench(commands.add_parser("bench", help="a tester's plan with a controller on a serial port, or a recording"))
    _add_bench_page(commands.add_parser("bench-page", help="one virtual cabinet and a page to play with it"))
    return parser


def _add_gateway(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, run, text in (
        ("run", _gateway_run, "run until interrupted"),
        ("verify-ledger", _gateway_verify_ledger, "recompute the ledger and compare; exit 1 on a difference"),
        ("status", _gateway_status, "what the gateway holds, and how old it is"),
        ("restore", _gateway_restore, "rebuild a lost database from the cloud, into an empty data_dir"),
        ("devices", _gateway_devices, "scales, scanners, printers: what answers; the gateway must be stopped"),
        ("reread", _gateway_reread, "read again what was set aside, after an upgrade; the gateway must be stopped"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
        action.set_defaults(run=run)
        if name == "run":
            help_text = "where the first-run page is served while there are no settings (default: 0.0.0.0:8080)"
            action.add_argument("--setup", default="", metavar="HOST:PORT", help=help_text)
    update = actions.add_parser("update-cabinets", help="have cabinets run the firmware of a bundle, without a cloud")
    update.add_argument("bundle", type=Path, help="the bundle")
    update.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
    update.add_argument("--cabinet", action="append", default=[], help="which; may be repeated (default: all)")
    update.add_argument("--downgrade", action="store_true", help="also when it is older than what runs")
    update.set_defaults(run=_gateway_update_cabinets)
    replay = actions.add_parser("replay-session", help="decide a session again from its evidence; exit 1 if otherwise")
    replay.add_argument("id", help="the session, <cabinet>/<epoch>/<seq>")
    replay.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
    replay.add_argument(
        "--mass",
        action="append",
        default=[],
        metavar="PART=GRAMS",
        help="what one piece weighs instead; may be repeated",
    )
    replay.add_argument("--json", action="store_true", help="as JSON")
    replay.set_defaults(run=_gateway_replay_session)
    _add_gateway_life(actions)
    _add_gateway_identity(actions)


def _add_gateway_identity(actions: Any) -> None:
    enrol = actions.add_parser("enrol", help="join the dealer's cloud by a code, as a shop's first gateway or its next")
    enrol.add_argument("--cloud", required=True, help="the cloud's address, as https://parts.example.com")
    enrol.add_argument("--code", default="", help="the code (default: it is asked for)")
    enrol.add_argument("--config", type=Path, required=True, help="the TOML file; made or put right")
    enrol.add_argument("--data-dir", type=Path, help="where the books are to be (default: `data` beside the TOML file)")
    enrol.set_defaults(run=_gateway_enrol)
    told = actions.add_parser("mosquitto-config", help="write what a Mosquitto reads to let cabinets in by certificate")
    told.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
    told.add_argument("--listen", default="", metavar="ADDRESS", help="where cabinets come (default: every address)")
    told.set_defaults(run=_gateway_mosquitto_config)
    code = actions.add_parser("enrol-code", help="a code by which a cabinet gets its certificate from this gateway")
    code.add_argument("cabinet", help="the cabinet's id; one that the settings do not name yet is added to them")
    code.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
    code.set_defaults(run=_gateway_enrol_code)
    revoke = actions.add_parser(
        "revoke-cabinet", help="end a cabinet's certificates at once: it was stolen or replaced"
    )
    revoke.add_argument("cabinet", help="the cabinet's id")
    revoke.add_argument("--why", default="", help="kept with it")
    revoke.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
    revoke.set_defaults(run=_gateway_revoke_cabinet)


def _add_gateway_life(actions: Any) -> None:
    backup = actions.add_parser("backup", help="the database, identity and settings in one checked file, while it runs")
    backup.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
    backup.add_argument("--to", type=Path, required=True, help="a file, or a folder in which the newest are kept")
    backup.add_argument("--keep", type=int, default=14, help="how many are kept in a folder (default: 14)")
    backup.set_defaults(run=_gateway_backup)
    restore = actions.add_parser("restore-backup", help="put a backup back, into a data_dir without a database")
    restore.add_argument("file", type=Path, help="the backup")
    restore.add_argument(
        "--config", type=Path, required=True, help="the TOML file; made from the backup if there is none"
    )
    restore.add_argument("--without-cloud", action="store_true", help="the cloud is gone for good: do not ask it")
    restore.set_defaults(run=_gateway_restore_backup)
    update = actions.add_parser("update", help="another version in place of this one, and back by itself if it fails")
    update.add_argument("version", help="a wheel, or a version as 0.2.0")
    update.add_argument("--wheels", type=Path, help="a folder with every wheel it needs, for a shop without internet")
    update.add_argument("--downgrade", action="store_true", help="an older version is meant")
    update.set_defaults(run=_gateway_update)
    back = actions.add_parser("roll-back", help="the version before the newest update again")
    back.add_argument("--forget", action="store_true", help="also what only this version's database knows")
    back.set_defaults(run=_gateway_roll_back)
    for action in (update, back):
        _add_machine(action)
        action.add_argument(
            "--wait", type=float, default=180.0, help="seconds in which all must be well (default: 180)"
        )
        action.add_argument("--no-systemd", action="store_true", help="start and end the gateway without systemd")
    key = actions.add_parser("new-access-key", help="another key for the access list of a cabinet")
    key.add_argument("cabinet", help="the cabinet's id")
    key.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
    key.set_defaults(run=_gateway_new_access_key)
    service = actions.add_parser("service", help="the systemd units of a gateway, printed or installed")
    _add_machine(service)
    service.add_argument("--install", action="store_true", help="install, enable and start them (as root)")
    service.add_argument("--into", type=Path, default=Path("/"), help="install into another machine's / (an image)")
    service.set_defaults(run=_gateway_service)


def _add_machine(action: argparse.ArgumentParser) -> None:
    action.add_argument("--config", type=Path, required=True, help="the gateway's TOML file")
    action.add_argument("--root", type=Path, default=Path("/opt/partsbay"), help="where versions are side by side")


def _add_firmware(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    keygen = actions.add_parser("keygen", help="make a release key; its public half is written beside it")
    keygen.add_argument("file", type=Path, help="where to keep the private key: a new file")
    keygen.add_argument("--name", default="release", help="how clouds and gateways call it")
    keygen.set_defaults(run=_firmware_keygen)
    build = actions.add_parser("build", help="compile the controller's firmware into an image, unsigned")
    build.add_argument("file", type=Path, help="where to write the image")
    _add_interpreter(build)
    build.set_defaults(run=_firmware_build)
    sign = actions.add_parser("sign", help="compile the controller's firmware and sign it: a bundle")
    sign.add_argument("file", type=Path, help="where to write the bundle")
    sign.add_argument("--key", type=Path, required=True, help="the release key's file")
    _add_interpreter(sign)
    sign.add_argument("--previous-min", default="", help="the oldest version that may be replaced by it")
    sign.set_defaults(run=_firmware_sign)
    verify = actions.add_parser("verify", help="is a bundle whole, and signed by one of these keys; exit 1 when not")
    verify.add_argument("file", type=Path, help="the bundle")
    verify.add_argument("--keys", type=Path, required=True, help="public keys, a line each")
    verify.set_defaults(run=_firmware_verify)
    show = actions.add_parser("show", help="what a bundle says of itself")
    show.add_argument("file", type=Path, help="the bundle")
    show.set_defaults(run=_firmware_show)


def _add_interpreter(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--board", action="append", default=[], help="a board it is for; can be repeated (default: all)"
    )
    action.add_argument("--interpreter", type=Path, help="a MicroPython (.app-bin) to bring along, where boards can")


def _add_cloud(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    run = actions.add_parser("run", help="run until interrupted")
    run.add_argument("--config", type=Path, required=True, help="the cloud's TOML file")
    run.set_defaults(run=_cloud_run)
    ingest = actions.add_parser("ingest", help="take what gateways send, in several processes beside `run`")
    ingest.add_argument("--config", type=Path, required=True, help="the cloud's TOML file")
    ingest.set_defaults(run=_cloud_ingest)
    seed = actions.add_parser("seed", help="load dealers, shops and documents from one file, or draw a fleet at work")
    seed.add_argument("--config", type=Path, required=True, help="the cloud's TOML file")
    seed.add_argument("file", type=Path, nargs="?", help="the seed file (JSON)")
    seed.add_argument("--force", action="store_true", help="also planograms that cannot be counted by weight")
    seed.set_defaults(run=_cloud_seed)
    migrate = actions.add_parser("migrate", help="bring the database up to date, as a start would")
    migrate.add_argument("--config", type=Path, required=True, help="the cloud's TOML file")
    migrate.add_argument("--check", action="store_true", help="change nothing; exit 1 when there is something to do")
    migrate.set_defaults(run=_cloud_migrate)
    plan = actions.add_parser("plan", help="compute what bins should hold, as the service does every night")
    plan.add_argument("--config", type=Path, required=True, help="the cloud's TOML file")
    plan.add_argument("--dealer", default="", help="this dealer's, at once (default: all that are due)")
    plan.set_defaults(run=_cloud_plan)
    operator = actions.add_parser("operator", help="let somebody run the cloud: make dealers, invite their first admin")
    operator.add_argument("--config", type=Path, required=True, help="the cloud's TOML file")
    operator.add_argument("email", help="whom; a link to choose a password is printed")
    operator.set_defaults(run=_cloud_operator)
    _add_fleet(seed.add_argument_group("a drawn fleet, in place of a file and into an empty database"))


def _add_fleet(fleet: Any) -> None:
    fleet.add_argument("--shops", type=int, help="how many shops")
    fleet.add_argument("--cabinets", type=int, help="how many cabinets in all (default: five a shop)")
    fleet.add_argument("--months", type=int, default=12, help="how long they have worked")
    fleet.add_argument("--scale", type=float, default=1.0, help="how much is taken, beside a busy fleet")
    fleet.add_argument("--seed", type=int, default=1, help="draws everything")
    fleet.add_argument("--until", type=date.fromisoformat, help="the last day, as 2026-11-22 (default: until now)")
    fleet.add_argument("--password", default="", help="of the people who may sign in (default: drawn, and said)")


def _add_hardware(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="what keeps a board from being built; exit 1 when something does")
    check.add_argument("board", nargs="?", default="", help="a board of hardware/boards (default: all)")
    check.set_defaults(run=_hardware_check)
    build = actions.add_parser("build", help="write wiring pages, diagrams and parts lists from the board files")
    build.set_defaults(run=_hardware_build)
    node = actions.add_parser("shelf-node", help="what goes on a shelf node's flash, into a folder")
    node.add_argument("folder", type=Path, help="where to write it, for `mpremote cp -r`")
    node.add_argument("--board", default="rp2350-shelf-node-8", help="the node's board")
    node.set_defaults(run=_hardware_shelf_node)


def _add_planogram(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="which parts of a bin cannot be told apart by weight; exit 1 when refused")
    check.add_argument("file", type=Path, help="a shop's document (JSON)")
    check.add_argument("--json", type=Path, help="where to write what was found, of every bin")
    check.add_argument("--language", choices=("en", "zh"), default="en")
    check.set_defaults(run=_planogram_check)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="unattended: work, stop, compare, report")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long people work, by your clock (headless)")
    parser.add_argument("--speed", type=float, default=None, help="how much faster than your clock the cabinets live")
    parser.add_argument("--seed", type=int, default=1, help="draws who comes when and takes what")
    parser.add_argument("--json", type=Path, help="where to write the report (headless)")
    parser.add_argument("--dir", type=Path, help="keep the shop's files here (default: a temporary folder)")
    parser.set_defaults(run=_demo)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="visits as CSV or CSV.GZ")
    parser.add_argument("--visits", type=int, default=1000, help="how many visits to drive, from the start")
    parser.add_argument("--json", type=Path, help="where to write the report")
    parser.add_argument("--speed", type=float, default=None, help="how much faster than your clock the cabinets live")
    parser.add_argument("--dir", type=Path, help="keep the shop's files here (default: a temporary folder)")
    parser.add_argument(
        "--continuity-only", action="store_true", help="drive nothing: how the whole file goes on from visit to visit"
    )
    parser.set_defaults(run=_replay)


def _add_simulate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, required=True, help="draws people, work, faults and how often they strike")
    parser.add_argument("--cabinets", type=int, default=2, help="cabinets of 12 bins")
    parser.add_argument("--days", type=int, default=4, help="beginning on a Friday")
    parser.add_argument("--sessions", type=int, default=40, help="visits in all")
    parser.add_argument(
        "--faults",
        default="all",
        help="all, none, or kinds of docs/faults.md, e.g. power_cut=9,flash_cut: 9 a day; as drawn",
    )
    parser.add_argument("--until-broken", action="store_true", help="end where the first rule is seen broken")
    parser.add_argument("--json", type=Path, help="where to write the report")
    parser.add_argument("--dir", type=Path, help="keep databases, flashes, logs and the trace here: a new folder")
    parser.set_defaults(run=_simulate)


def _add_count_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=1, help="draws parts, planograms, cells, people and noise")
    parser.add_argument("--sessions", type=int, default=20_000, help="of each row")
    parser.add_argument("--rows", default="*", help="cell/parts a cell/tags, e.g. 'c3-10kg/2/no,cheap*'")
    parser.add_argument("--jobs", type=int, default=1, help="processes; the result does not depend on it")
    parser.add_argument("--json", type=Path, help="where to write the report; the picture goes beside it, as SVG")
    parser.add_argument("--evidence", type=Path, help="a folder that keeps the gathered evidence, or has it already")
    parser.set_defaults(run=_count_bench)


def _add_year(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=int, default=365, help="from New Year's Day")
    parser.add_argument("--seed", type=int, default=1, help="draws parts, cells, people and what they do")
    parser.add_argument("--cell", default="c3-10kg", help="the class of load cell under every bin")
    parser.add_argument("--parts-per-cell", type=int, default=1, help="parts in each of the twelve bins")
    parser.add_argument(
        "--theft",
        type=int,
        default=0,
        metavar="PIECES",
        help="stolen one at a time over a month, in each of five cases",
    )
    parser.add_argument("--json", type=Path, help="where to write the report")
    parser.set_defaults(run=_year)


def _add_backtest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a CSV: part, then one column for each month; empty is not known")
    parser.add_argument("--holdout", type=int, default=12, help="months at the end that are measured")
    parser.add_argument("--lead-time", type=int, default=1, help="months from ordering to having")
    parser.add_argument("--fill", type=float, default=0.95, help="share of what is asked for that shall be there")
    parser.add_argument("--json", type=Path, help="where to write the report; the picture goes beside it, as SVG")
    parser.set_defaults(run=_backtest)


def _add_simulate_dealer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--shops", type=int, default=30, help="one of them fades, one opens in the year")
    parser.add_argument("--days", type=int, default=365, help="of the year that is compared; two years come before")
    parser.add_argument("--seed", type=int, default=1, help="draws parts, shops, vehicles and what they need")
    parser.add_argument("--json", type=Path, help="where to write the report")
    parser.set_defaults(run=_simulate_dealer)


def _add_commission(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("port", help="the controller's serial port, such as /dev/ttyUSB0 or COM3")
    parser.add_argument("--board", default="", help="which board it is, or its file (default: what it says itself)")
    parser.add_argument("--cells", default="c3-10kg", help="the class of its load cells")
    parser.add_argument("--cabinet", default="", help="the cabinet's id")
    parser.add_argument("--gateway", default="", help="the gateway's address, as its status page shows it")
    parser.add_argument("--code", default="", help="the enrolment code that the gateway shows")
    parser.add_argument("--settings", type=Path, help="the cabinet's settings.json in place of a code")
    parser.add_argument("--bundle", type=Path, help="the signed bundle of firmware to install")
    parser.add_argument("--keys", type=Path, help="the release keys it shall trust, a line each")
    parser.add_argument("--masses", default="", help="the two masses in grams, such as 1000,2000")
    parser.add_argument("--certificates", default="", help="their certificates' numbers, with a comma between")
    parser.add_argument("--who", default="", help="who calibrates")
    parser.add_argument("--temperature", default="", help="of the room, in degrees Celsius")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.add_argument("--bin", type=int, default=0, help="this bin again, after a repair")
    parser.add_argument("--resume", action="store_true", help="go on where it stopped")
    parser.add_argument("--record", type=Path, help="the record's folder (default: commissioning/<cabinet>)")
    parser.add_argument("--watch", type=float, default=5.0, help="for how many seconds its start is watched")
    parser.set_defaults(run=_commission)


def _add_bench(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("port", help="the controller's serial port, such as /dev/ttyUSB0 or COM3")
    parser.add_argument("--plan", type=Path, help="the plan, as TOML (docs/commissioning.md)")
    parser.add_argument("--record-trace", type=Path, help="record the converters' codes to this file instead, as CSV")
    parser.add_argument("--bins", default="", help="of these bins, such as 1,2,5 (default: all)")
    parser.add_argument("--seconds", type=float, default=60.0, help="for so long")
    parser.add_argument("--report", type=Path, help="where to write the report, as JSON")
    parser.add_argument("--language", choices=("en", "zh"), default="en")
    parser.set_defaults(run=_bench)


def _add_bench_page(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.set_defaults(run=_bench_page)


def _gateway_run(options: argparse.Namespace) -> int:
    from edge_gateway.identity import first_run  # noqa: PLC0415

    if first_run.is_needed(options.config):
        first_run.ask(options.config, options.setup, first_run.wall_clock_ms)
    from edge_gateway import gateway, settings  # noqa: PLC0415

    return gateway.run(settings.load(options.config))


def _gateway_mosquitto_config(options: argparse.Namespace) -> int:
    from edge_gateway import mosquitto, settings  # noqa: PLC0415
    from edge_gateway.gateway import wall_clock_ms  # noqa: PLC0415

    print(mosquitto.write(settings.load(options.config), options.listen, wall_clock_ms))
    return 0


def _gateway_verify_ledger(options: argparse.Namespace) -> int:
    from edge_gateway import gateway, settings  # noqa: PLC0415

    return gateway.verify_ledger(settings.load(options.config))


def _gateway_status(options: argparse.Namespace) -> int:
    from edge_gateway import gateway, settings  # noqa: PLC0415

    return gateway.status(settings.load(options.config))


def _gateway_restore(options: argparse.Namespace) -> int:
    from edge_gateway import restore, settings  # noqa: PLC0415

    return restore.run(settings.load(options.config))


def _gateway_devices(options: argparse.Namespace) -> int:
    from edge_gateway import settings  # noqa: PLC0415
    from edge_gateway.serial_devices import probe  # noqa: PLC0415

    return probe.print_devices(list(settings.load(options.config).devices.values()), sys.stdout)


def _gateway_reread(options: argparse.Namespace) -> int:
    from edge_gateway import reread, settings  # noqa: PLC0415

    return reread.run(settings.load(options.config))


def _gateway_update_cabinets(options: argparse.Namespace) -> int:
    from edge_gateway import settings  # noqa: PLC0415
    from edge_gateway.cabinet_updates import command  # noqa: PLC0415

    found = settings.load(options.config)
    return command.run(found, options.bundle, options.cabinet, sys.stdout, downgrade=options.downgrade)


def _firmware_keygen(options: argparse.Namespace) -> int:
    from hardware.bundles import command  # noqa: PLC0415

    return command.keygen(options.file, options.name, sys.stdout)


def _firmware_build(options: argparse.Namespace) -> int:
    from hardware.bundles import command  # noqa: PLC0415

    return command.build(options.file, options.board, options.interpreter, sys.stdout)


def _firmware_sign(options: argparse.Namespace) -> int:
    from hardware.bundles import command  # noqa: PLC0415

    wanted = options.board, options.previous_min, sys.stdout
    return command.sign(options.file, options.key, *wanted, with_interpreter=options.interpreter)


def _firmware_verify(options: argparse.Namespace) -> int:
    from hardware.bundles import command  # noqa: PLC0415

    return command.verify(options.file, options.keys, sys.stdout)


def _firmware_show(options: argparse.Namespace) -> int:
    from hardware.bundles import command  # noqa: PLC0415

    return command.show(options.file, sys.stdout)


def _gateway_replay_session(options: argparse.Namespace) -> int:
    from edge_gateway import replay_session, settings  # noqa: PLC0415

    database = settings.load(options.config).database
    return replay_session.run(database, options.id, options.mass, options.json, sys.stdout)


def _gateway_enrol(options: argparse.Namespace) -> int:
    from edge_gateway.identity import joining  # noqa: PLC0415

    code = options.code or input("code: ")
    return joining.run(options.cloud, code, options.config, options.data_dir)


def _gateway_enrol_code(options: argparse.Namespace) -> int:
    from edge_gateway.identity import commands  # noqa: PLC0415

    return commands.make_code(options.config, options.cabinet)


def _gateway_revoke_cabinet(options: argparse.Namespace) -> int:
    from edge_gateway.identity import commands  # noqa: PLC0415

    return commands.revoke(options.config, options.cabinet, options.why)


def _gateway_backup(options: argparse.Namespace) -> int:
    from edge_gateway import settings  # noqa: PLC0415
    from edge_gateway.lifecycle import backup  # noqa: PLC0415

    return backup.run(settings.load(options.config), options.config, options.to, options.keep)


def _gateway_restore_backup(options: argparse.Namespace) -> int:
    from edge_gateway.lifecycle import restore_backup  # noqa: PLC0415

    return restore_backup.run(options.file, options.config, without_cloud=options.without_cloud)


def _gateway_machine(options: argparse.Namespace) -> Any:
    from edge_gateway import settings  # noqa: PLC0415
    from edge_gateway.lifecycle import supervisor, update, versions  # noqa: PLC0415

    own = supervisor.OwnProcess(options.root, options.config)
    by = own if options.no_systemd else supervisor.Systemd()
    told = settings.load(options.config)
    return update.Machine(versions.Versions(options.root), by, told, options.config, print, wait_s=options.wait)


def _gateway_update(options: argparse.Namespace) -> int:
    from edge_gateway.lifecycle import update  # noqa: PLC0415

    return update.update(_gateway_machine(options), options.version, options.wheels, downgrade=options.downgrade)


def _gateway_roll_back(options: argparse.Namespace) -> int:
    from edge_gateway.lifecycle import update  # noqa: PLC0415

    return update.roll_back(_gateway_machine(options), forget=options.forget)


def _gateway_new_access_key(options: argparse.Namespace) -> int:
    from edge_gateway import access_key  # noqa: PLC0415

    return access_key.run(options.config, options.cabinet)


def _gateway_service(options: argparse.Namespace) -> int:
    from edge_gateway import settings  # noqa: PLC0415
    from edge_gateway.lifecycle import service, service_install  # noqa: PLC0415

    config = options.config.absolute()
    told = settings.load(service_install.inside(options.into, config))
    place = service.place_of(options.root, config, told)
    return service_install.run(place, options.into) if options.install else service.print_units(place)


def _hardware_check(options: argparse.Namespace) -> int:
    from hardware import board_commands  # noqa: PLC0415

    problems = board_commands.check(options.board)
    print("\n".join(problems) if problems else f"{options.board or 'all boards'}: can be built")
    return 1 if problems else 0


def _hardware_build(_options: argparse.Namespace) -> int:
    from hardware import board_commands  # noqa: PLC0415

    changed = board_commands.build()
    print("\n".join([*map(str, changed), f"{len(changed)} files changed"]))
    return 0


def _hardware_shelf_node(options: argparse.Namespace) -> int:
    from hardware import board_commands  # noqa: PLC0415

    print(f"{board_commands.shelf_node(options.folder, options.board)}: for `mpremote cp -r`, then `mpremote reset`")
    return 0


def _cloud_run(options: argparse.Namespace) -> int:
    from cloud import app, settings  # noqa: PLC0415

    return app.run(settings.load(options.config))


def _cloud_ingest(options: argparse.Namespace) -> int:
    from cloud import settings, workers  # noqa: PLC0415

    return workers.run(settings.load(options.config))


def _cloud_migrate(options: argparse.Namespace) -> int:
    from cloud import migrate, settings  # noqa: PLC0415

    run = migrate.check if options.check else migrate.migrate
    return run(settings.load(options.config))


def _cloud_seed(options: argparse.Namespace) -> int:
    from cloud import seed, settings  # noqa: PLC0415

    if (options.file is None) == (options.shops is None):
        raise ValueError("expected a seed file or --shops, found neither" if options.file is None else _BOTH)
    if options.shops is not None:
        from cloud.fleet_seed import asked, command  # noqa: PLC0415

        cabinets = 5 * options.shops if options.cabinets is None else options.cabinets
        fleet = asked.Asked(options.shops, cabinets, options.months, options.scale, options.seed)
        return command.run(settings.load(options.config), fleet, options.until, options.password)
    return seed.load(settings.load(options.config), options.file, force=options.force)


def _cloud_plan(options: argparse.Namespace) -> int:
    from cloud import settings  # noqa: PLC0415
    from cloud.replenishment import planner  # noqa: PLC0415

    return planner.run(settings.load(options.config), options.dealer)


def _cloud_operator(options: argparse.Namespace) -> int:
    from cloud import settings  # noqa: PLC0415
    from cloud.people import operators  # noqa: PLC0415

    return operators.add(settings.load(options.config), options.email)


def _planogram_check(options: argparse.Namespace) -> int:
    from edge_gateway import planogram_words  # noqa: PLC0415

    return planogram_words.run(options.file, options.json, options.language)


def _demo(options: argparse.Namespace) -> int:
    from simulator import demo  # noqa: PLC0415

    if options.headless:
        return demo.run_headless(options.minutes, options.speed or 8.0, options.seed, options.json, options.dir)
    return demo.run_attended(options.speed or 1.0, options.seed, options.dir)


def _replay(options: argparse.Namespace) -> int:
    from simulator import replay  # noqa: PLC0415

    if options.continuity_only:
        return replay.run_continuity(options.file, options.json)
    return replay.run(options.file, options.visits, options.json, options.speed, options.dir)


def _simulate(options: argparse.Namespace) -> int:
    from simulator.repeatable import begin_repeatable  # noqa: PLC0415

    begin_repeatable("partsbay")
    from simulator import fault_plan, simulate  # noqa: PLC0415

    asked = simulate.Run(
        options.seed,
        options.cabinets,
        options.days,
        options.sessions,
        fault_plan.asked(options.faults),
        options.until_broken,
    )
    return simulate.main(asked, options.json, options.dir)


def _count_bench(options: argparse.Namespace) -> int:
    from simulator.count_bench import command  # noqa: PLC0415

    return command.main(
        command.Asked(options.seed, options.sessions, options.rows, options.jobs, options.json, options.evidence)
    )


def _year(options: argparse.Namespace) -> int:
    from simulator.year import year  # noqa: PLC0415

    asked = year.Asked(options.days, options.seed, options.cell, options.parts_per_cell, options.theft)
    return year.main(asked, options.json)


def _backtest(options: argparse.Namespace) -> int:
    from cloud.replenishment.backtest import backtest, command  # noqa: PLC0415

    return command.main(options.file, backtest.Terms(options.holdout, options.lead_time, options.fill), options.json)


def _simulate_dealer(options: argparse.Namespace) -> int:
    from simulator.dealer_year import command  # noqa: PLC0415

    return command.main(command.Asked(options.shops, options.days, options.seed), options.json)


def _commission(options: argparse.Namespace) -> int:
    from hardware.commissioning import commission  # noqa: PLC0415

    told = {key: value for key, value in vars(options).items() if key != "run"}
    return commission.main(commission.Asked(**told))


def _bench(options: argparse.Namespace) -> int:
    from hardware.bench import bench  # noqa: PLC0415

    return bench.main(bench.Asked(**{key: value for key, value in vars(options).items() if key != "run"}))


def _bench_page(options: argparse.Namespace) -> int:
    from simulator import bench_page  # noqa: PLC0415

    return bench_page.run(options.host, options.port, options.speed)


if __name__ == "__main__":
    sys.exit(main())
