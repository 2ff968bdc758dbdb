"""Decks made by several machines: real workers, a real Redis or RabbitMQ, storage on disk or in S3."""

from __future__ import annotations

import json
import os
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
from pptx import Presentation

from tests.fakes import AnthropicServer, OpenAIServer
from tests.integration.conftest import _deck_of
from tests.integration.fleets import PASSWORD, Machine, RabbitBroker, RedisBroker, asked, command, end_commands, until
from tests.integration.support import our_pictures

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SLIDES = 3
BUCKET = "decks"


@pytest.fixture(autouse=True)
def _commands_end():
    yield
    end_commands()


@pytest.fixture
def claude():
    with AnthropicServer(latency_s=0.05) as server:
        yield server


@pytest.fixture
def openai():
    with OpenAIServer(latency_s=0.4, shrink=4) as server:
        yield server


@pytest.fixture
def environment(claude, openai):
    """A machine's own: keys, addresses, nothing of whoever runs the tests."""
    return {
        "PATH": os.environ["PATH"],
        "ANTHROPIC_BASE_URL": claude.base_url,
        "ANTHROPIC_API_KEY": claude.api_key,
        "OPENAI_BASE_URL": openai.base_url,
        "OPENAI_API_KEY": openai.api_key,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "DECK_ILLUSTRATOR_WORKERS__PROMPT_DELAY_S": "0",
        "DECK_ILLUSTRATOR_WORKERS__IMAGE_DELAY_S": "0",
        "DECK_ILLUSTRATOR_LAYOUT__MAX_PX_PER_IN": "50",
    }


@pytest.fixture
def redis(tmp_path):
    with RedisBroker(tmp_path / "redis") as server:
        yield server


def config_of(folder: Path, *, broker: str, redis: str, storage: str) -> Path:
    path = folder / "fleet.yaml"
    fleet = {"broker_url": broker, "redis_url": redis, "storage": storage, "lease_s": 2.0}
    path.write_text(json.dumps({"fleet": fleet | {"deck_workers": 2, "image_workers": 2}}), encoding="utf-8")
    return path


@pytest.fixture
def fleet(tmp_path, redis, environment):
    """Two machines that share a Redis and a folder, and nothing else."""
    config = config_of(tmp_path, broker=redis.url, redis=redis.url, storage=str(tmp_path / "shared"))
    machines = [Machine(name, tmp_path, config, environment) for name in ("one", "two")]
    for machine in machines:
        machine.start()
    yield machines, config
    for machine in machines:
        machine.kill()


def deck_named(name: str, slides: int = SLIDES) -> bytes:
    """A deck unlike any other, so that none of its pictures is another's."""
    presentation, file = Presentation(BytesIO(_deck_of(slides))), BytesIO()
    for slide in presentation.slides:
        slide.shapes.title.text += f", {name}"
    presentation.save(file)
    return file.getvalue()


def put_decks(folder: Path, names: list[str]) -> Path:
    folder.mkdir()
    for name in names:
        (folder / f"{name}.pptx").write_bytes(deck_named(name))
    return folder


def pictures_asked(openai: OpenAIServer) -> Counter[str]:
    """How often each prompt was drawn."""
    return Counter(request.body["prompt"] for request in openai.requests)


def test_two_machines_deliver_every_deck_once_though_one_is_killed(fleet, tmp_path, environment, openai, claude):
    machines, config = fleet
    names = ["alpha", "beta", "gamma"]
    source, target = put_decks(tmp_path / "in", names), tmp_path / "out"
    (source / "broken.pptx").write_bytes(b"no deck")
    words = ["submit", source, "-o", target, "--wait", "--json", "--config", config]
    waiting = command(words, tmp_path, environment)
    until("pictures under way", lambda: len(openai.requests) >= 4)
    machines[0].kill()
    asked_before = pictures_asked(openai)
    machines[0].start()
    said, errors = waiting.communicate(timeout=100)

    decks = {Path(deck["source"]).stem: deck for deck in json.loads(said)["decks"]}
    assert {name: decks[name]["state"] for name in names} == dict.fromkeys(names, "COMPLETED"), errors
    for name in names:
        assert len(our_pictures(target / f"{name}.pptx")) == SLIDES
        assert json.loads((target / f"{name}.json").read_text())["exit_code"] == 0
    counted = pictures_asked(openai)
    assert len(counted) == SLIDES * len(names)
    assert {prompt for prompt, times in counted.items() if times > 1} <= set(asked_before)
    assert counted.total() <= SLIDES * len(names) + 2  # the killed machine's two, which were under way

    # One that cannot be read fails alone, and says why.
    assert waiting.returncode == decks["broken"]["exit_code"] == 4
    assert json.loads(Path(decks["broken"]["report"]).read_text())["message"] == decks["broken"]["message"] != ""

    # What is done is not done again.
    (source / "broken.pptx").unlink()
    asked_so_far = len(openai.requests), len(claude.requests)
    again = asked(words, tmp_path, environment)
    assert again["counts"] == {"COMPLETED": len(names)}
    assert again["cost_usd"] == 0
    assert "already" in again["decks"][0]["message"]
    assert (len(openai.requests), len(claude.requests)) == asked_so_far


def test_nothing_is_lost_while_the_broker_is_away(fleet, tmp_path, redis, environment, openai):
    machines, config = fleet
    names = ["eta", "theta", "iota"]
    source, target = put_decks(tmp_path / "in", names), tmp_path / "out"
    waiting = command(["submit", source, "-o", target, "--wait", "--json", "--config", config], tmp_path, environment)
    until("pictures under way", lambda: len(openai.requests) >= 2)
    redis.stop()
    assert waiting.poll() is None
    redis.start()
    said, errors = waiting.communicate(timeout=100)

    assert json.loads(said)["counts"] == {"COMPLETED": len(names)}, errors
    counted = pictures_asked(openai)
    assert counted == dict.fromkeys(counted, 1)
    for machine in machines:
        machine.ask_to_end()
    for machine in machines:
        assert machine.ended() == 0
        assert PASSWORD not in machine.text
        assert environment["OPENAI_API_KEY"] not in machine.text


def test_a_cancelled_job_begins_nothing_more(fleet, tmp_path, environment):
    _, config = fleet
    source, target = put_decks(tmp_path / "in", [f"deck{number}" for number in range(12)]), tmp_path / "out"
    job = command(["submit", source, "-o", target, "--config", config], tmp_path, environment)
    job_id = job.communicate(timeout=30)[0].strip()
    command(["cancel", job_id, "--config", config], tmp_path, environment).communicate(timeout=30)
    status = ["status", job_id, "--config", config]
    until("the end of the job", lambda: asked(status, tmp_path, environment)["is_over"])

    counts = asked(status, tmp_path, environment)["counts"]
    assert counts["CANCELLED"] >= 1
    assert set(counts) <= {"CANCELLED", "COMPLETED"}
    assert counts.get("COMPLETED", 0) == len(list(target.glob("*.pptx")))


def test_decks_in_s3_and_a_queue_in_rabbitmq(tmp_path, redis, environment, openai):
    moto = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    s3 = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    s3.start()
    host, port = s3.get_host_and_port()
    account = {
        "AWS_ACCESS_KEY_ID": "fake-id",
        "AWS_SECRET_ACCESS_KEY": "fake-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    there = environment | account | {"AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    try:
        client = boto3.client(
            "s3",
            endpoint_url=there["AWS_ENDPOINT_URL"],
            aws_access_key_id="fake-id",
            aws_secret_access_key="fake-secret",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket=BUCKET)
        for name in ("kappa", "lambda"):
            client.put_object(Bucket=BUCKET, Key=f"in/{name}.pptx", Body=deck_named(name))
        with RabbitBroker(tmp_path / "rabbit") as rabbit:
            config = config_of(tmp_path, broker=rabbit.url, redis=redis.url, storage=f"s3://{BUCKET}/shared")
            machines = [Machine(name, tmp_path, config, there) for name in ("one", "two")]
            try:
                _delivered_through(machines, config, tmp_path, there, openai)
            finally:
                for machine in machines:
                    machine.kill()
        listed = client.list_objects_v2(Bucket=BUCKET, Prefix="out/")["Contents"]
        assert {one["Key"] for one in listed} == {f"out/{name}" for name in _S3_PRODUCTS}
        (tmp_path / "got.pptx").write_bytes(client.get_object(Bucket=BUCKET, Key="out/kappa.pptx")["Body"].read())
        assert len(our_pictures(tmp_path / "got.pptx")) == SLIDES
    finally:
        s3.stop()


_S3_PRODUCTS = ("kappa.pptx", "kappa.json", "lambda.pptx", "lambda.json")


def _delivered_through(machines, config, folder, environment, openai) -> None:
    """One machine dies with its tasks in hand; the other is given them at once."""
    for machine in machines:
        machine.start()
    words = ["submit", f"s3://{BUCKET}/in/", "-o", f"s3://{BUCKET}/out", "--wait", "--json", "--config", config]
    waiting = command(words, folder, environment)
    until("pictures under way", lambda: len(openai.requests) >= 3)
    machines[0].kill()
    said, errors = waiting.communicate(timeout=100)
    assert json.loads(said)["counts"] == {"COMPLETED": 2}, errors
    assert pictures_asked(openai).total() <= 2 * SLIDES + 2
