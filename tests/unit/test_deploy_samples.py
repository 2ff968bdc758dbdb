"""The files of samples/deploy are what cron, systemd and Kubernetes take, and what this program understands."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from pipeline.cli.commands import command_of
from pipeline.config.cron import CronTimes
from pipeline.config.loader import load_configuration

FOLDER = Path(__file__).parents[2] / "samples" / "deploy"
SETTINGS = FOLDER / "illustrate.yaml"
CRONTAB = FOLDER / "crontab"
UNITS = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".service", ".timer"))
PROGRAM = "/opt/deck-illustrator/bin/deck-illustrator"
# The first Kubernetes whose CronJob has for good all that ours uses, and the last one that is out.
KUBERNETES = ("1.31", "1.37")


def tool(name: str) -> str:
    """The path of a program of the system, without which a test cannot tell anything."""
    path = shutil.which(name)
    if path is None:
        missing = f"no {name} on this machine (apt-get install {'cron' if name == 'crontab' else 'systemd'})"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    return path


def job():
    (found,) = load_configuration(SETTINGS, environ={}).settings.schedule
    return found


def times_of(cron: str, zone: str, count: int = 12) -> list[datetime]:
    """From a Friday on, over the nights when clocks are set in Europe."""
    times, when = CronTimes(cron, zone), datetime(2026, 3, 20, 12, tzinfo=UTC)
    found = []
    while len(found) < count:
        when = times.after(when)
        found.append(when)
    return found


def crontab_lines() -> list[str]:
    lines = CRONTAB.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def cron_job() -> tuple[str, str]:
    """The times and the command of the one job in the crontab."""
    (line,) = [line for line in crontab_lines() if not re.match(r"[A-Z]+=", line)]
    *fields, command = line.split(maxsplit=5)
    return " ".join(fields), command


def commands() -> dict[str, str]:
    """Each file, and how it starts the program."""
    found = {CRONTAB.name: cron_job()[1]}
    for name in UNITS:
        text = (FOLDER / name).read_text(encoding="utf-8").replace("\\\n", " ")
        if start := re.search(r"^ExecStart=(.*)$", text, re.MULTILINE):
            found[name] = start[1]
    found["cronjob.yaml"] = re.search(r"^deck-illustrator .*(?= &$)", shell_of(cronjob()), re.MULTILINE)[0]
    return found


def cronjob() -> dict:
    return yaml.safe_load((FOLDER / "cronjob.yaml").read_text(encoding="utf-8"))


def container_of(manifest: dict) -> dict:
    (container,) = manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return container


def shell_of(manifest: dict) -> str:
    (script,) = container_of(manifest)["args"]
    return script


def test_every_file_starts_the_program_with_what_it_understands():
    asked = commands()
    assert len(asked) == 2 + len([name for name in UNITS if name.endswith(".service")])
    for name, line in asked.items():
        program, *words = shlex.split(line)
        assert program in (PROGRAM, "deck-illustrator"), name
        command, rest = command_of(words)
        options = command.parser().parse_args(rest)
        assert len(rest) < len(words), f"{name}: {words[0]} is no command"
        assert options.config == Path("/etc/deck-illustrator") / SETTINGS.name
        if words[0] == "schedule":
            assert options.once in (None, job().name)


def cron_says(table: Path) -> subprocess.CompletedProcess[str]:
    """What the system's cron says of a table, without taking it: -T, which older ones of Debian call -n."""
    crontab = tool("crontab")
    asked = subprocess.run([crontab, "-T", table], capture_output=True, text=True, check=False)
    if "dry run" in asked.stderr:
        return subprocess.run([crontab, "-n", table], capture_output=True, text=True, check=False)
    return asked


def test_cron_takes_the_crontab_and_refuses_one_with_a_mistake(tmp_path):
    assert cron_says(CRONTAB).returncode == 0, cron_says(CRONTAB).stderr
    broken = tmp_path / "crontab"
    broken.write_text(CRONTAB.read_text(encoding="utf-8").replace("0 2 * * 1-5", "0 25 * * 1-5"), encoding="utf-8")
    assert cron_says(broken).returncode != 0


def test_cron_and_kubernetes_and_the_schedule_mean_the_same_nights():
    assert times_of(cron_job()[0], "Europe/Berlin") == times_of(job().cron, job().timezone)
    spec = cronjob()["spec"]
    assert times_of(spec["schedule"], spec["timeZone"]) == times_of(job().cron, job().timezone)


def test_the_timer_means_the_same_nights():
    (line,) = re.findall(r"^OnCalendar=(.*)$", (FOLDER / "deck-illustrator-nightly.timer").read_text(), re.MULTILINE)
    asked = subprocess.run(
        [tool("systemd-analyze"), "calendar", "--iterations=12", "--base-time=2026-03-20 12:00 UTC", line],
        env={**os.environ, "TZ": "UTC", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.findall(r"^ +(?:Next elapse|Iter\. #\d+): \w{3} ([\d-]+ [\d:]+) UTC$", asked.stdout, re.MULTILINE)
    told = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in found]
    assert told == times_of(job().cron, job().timezone)


def systemd_says(folder: Path, name: str) -> str:
    """What systemd has to say against a unit, "" where it takes it."""
    command = [tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", str(folder / name)]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    return asked.stderr + ("" if asked.returncode == 0 else f"code {asked.returncode}")


@pytest.fixture
def units(tmp_path):
    """The units, with the program where this machine has one."""
    for name in UNITS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace(PROGRAM, shutil.which("true")), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_unit(units, name):
    assert systemd_says(units, name) == ""


def test_systemd_says_something_against_a_unit_with_a_mistake(units):
    unit = units / "deck-illustrator-nightly.service"
    unit.write_text(unit.read_text().replace("Type=oneshot", "Type=oneshoot"))
    assert "oneshoot" in systemd_says(units, unit.name)
    unit.write_text(unit.read_text().replace("Type=oneshoot", "Tipe=oneshot"))
    assert "Tipe" in systemd_says(units, unit.name)


@pytest.mark.parametrize("version", KUBERNETES)
def test_kubernetes_takes_the_cronjob(version):
    kubernetes_validate.validate(cronjob(), version, strict=True)


def test_kubernetes_refuses_a_cronjob_with_a_mistake():
    broken = cronjob()
    broken["spec"]["shedule"] = broken["spec"].pop("schedule")
    with pytest.raises(kubernetes_validate.ValidationError, match="shedule"):
        kubernetes_validate.validate(broken, KUBERNETES[-1], strict=True)


def test_the_volumes_of_the_cronjob_are_those_it_mounts():
    pod = cronjob()["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    mounted = {mount["name"]: mount["mountPath"] for mount in container_of(cronjob())["volumeMounts"]}
    assert mounted.keys() == {volume["name"] for volume in pod["volumes"]}
    assert all(Path(place).is_relative_to(mounted["decks"]) for place in (job().source, job().target))
    (home,) = [one["value"] for one in container_of(cronjob())["env"] if one["name"] == "DECK_ILLUSTRATOR_HOME"]
    assert home == mounted["kept"]


@pytest.fixture
def pod(tmp_path):
    """Starts what the CronJob's container starts, with a program that does as the test says."""

    def start(program: str) -> subprocess.Popen[str]:
        stand_in = tmp_path / "deck-illustrator"
        stand_in.write_text(f"#!/bin/sh\n{program}\n")
        stand_in.chmod(0o700)
        command = [*container_of(cronjob())["command"], shell_of(cronjob())]
        environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)

    return start


@pytest.mark.parametrize(("code", "told"), [(0, 0), (3, 0), (4, 4), (20, 20), (143, 143)])
def test_the_pod_ends_in_the_programs_code_and_a_night_without_decks_is_fine(pod, code, told):
    process = pod(f'echo "$@"; exit {code}')
    out, _ = process.communicate(timeout=20)
    assert process.returncode == told
    assert out == f"schedule --config /etc/deck-illustrator/{SETTINGS.name} --once {job().name}\n"


def test_the_pod_passes_on_that_it_is_ended_and_waits_for_the_program(pod):
    process = pod("trap 'echo saved; exit 143' TERM; echo at work; while :; do sleep 0.05; done")
    assert process.stdout.readline() == "at work\n"
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=20)
    assert (out, process.returncode) == ("saved\n", 143)


def test_no_deadline_of_the_cronjob_is_shorter_than_an_orderly_end():
    pod = cronjob()["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert timedelta(seconds=pod["terminationGracePeriodSeconds"]) >= timedelta(seconds=30)
