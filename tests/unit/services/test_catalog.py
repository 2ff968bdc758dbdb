"""The shipped services with one's own laid over them, and what a name means."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from pipeline.errors import FileAccessError, UsageError
from pipeline.services.catalog import load_catalog
from tests.unit.services.files import MADE_UP, catalog_of

SETTING = "images.model"


def test_a_new_service_is_one_file(tmp_path):
    choice = catalog_of(tmp_path, MADE_UP).choose("acme", "image", SETTING)
    assert (choice.name, choice.route, choice.is_listed) == ("acme/acme-1", "acme-1", True)
    assert choice.service.address_variable == "ACME_BASE_URL"


def test_a_file_without_its_services_name_is_called_like_it(tmp_path):
    (tmp_path / "acme.yaml").write_text(MADE_UP.removeprefix("service: acme\n"), encoding="utf-8")
    assert "acme" in load_catalog(tmp_path).services


def test_a_new_model_is_three_lines(tmp_path):
    catalog = catalog_of(tmp_path, "service: openai\nmodels:\n  gpt-image-3: {like: gpt-image-2.6-flare}\n")
    choice = catalog.choose("openai/gpt-image-3", "image", SETTING)
    assert choice.is_listed
    assert choice.model.prompt_limit_chars == 32000
    assert not choice.model.default
    assert catalog.choose("openai", "image", SETTING).id == "gpt-image-2.6-flare"


def test_what_ones_own_file_says_wins_and_the_rest_stays(tmp_path):
    text = "service: stability\nlimits: {parallel: 2}\nmodels:\n  stable-image-core: {price: {image: 0.01}}\n"
    own, shipped = catalog_of(tmp_path, text).services["stability"], load_catalog().services["stability"]
    assert (own.limits.parallel, own.limits.requests_per_minute) == (2, shipped.limits.requests_per_minute)
    price = own.models["stable-image-core"].price
    assert price is not None
    assert price.image == 0.01
    assert own.models["stable-image-ultra"] == shipped.models["stable-image-ultra"]


def test_of_ones_own_files_the_last_by_name_wins(tmp_path):
    texts = [MADE_UP, "service: acme\ntitle: Newer\n"]
    assert catalog_of(tmp_path, *texts).services["acme"].title == "Newer"


def test_of_several_files_that_one_is_named_which_has_the_mistake(tmp_path):
    with pytest.raises(UsageError) as caught:
        catalog_of(tmp_path, MADE_UP, "service: acme\ntitel: Newer\n", "service: acme\nlimits: {parallel: 3}\n")
    assert str(caught.value) == f"{tmp_path / '1.yaml'}: titel: unknown field, did you mean title?"


def test_a_mistake_beside_a_shipped_services_own_words_is_ones_own(tmp_path):
    with pytest.raises(UsageError, match=re.escape(f"{tmp_path / '0.yaml'}: limits.paralel: unknown field")):
        catalog_of(tmp_path, "service: fal\nlimits: {paralel: 3}\n")


def test_what_one_file_says_is_not_there_at_the_next_loading(tmp_path):
    catalog_of(tmp_path, MADE_UP, "service: openai\ntitle: Mine\n")
    assert "acme" not in load_catalog().services
    assert load_catalog().services["openai"].title == "OpenAI"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "not valid YAML: line 2"),
        ("- a", "lines, not a list"),
        ("", "is empty"),
        ("# only words", "is empty"),
        ("a", "lines, not a text"),
        ("7", "lines, not a number"),
        ("a: 2026-13-45", "not valid YAML"),
        ("a: !!python/object/apply:os.system [id]", "not valid YAML: line 1"),
        ("title: A\nlimits: {}\ntitle: B\n", "not valid YAML: line 3: 'title' stands twice in one place"),
        ("models:\n  a: {like: b, like: c}\n", "line 2: 'like' stands twice in one place"),
        ("models: {1.5: {}}", "models: the name 1.5 is no text in YAML; put it in quotes"),
        ("models: {on: {}}", "models: the name true is no text in YAML; put it in quotes"),
        ("a: [{2026-01-01: x}]", "a.0: the name 2026-01-01 is no text in YAML; put it in quotes"),
        ("? [a]\n: b", "not valid YAML"),
        ("a: &a {b: *a}", "a.b: stands inside itself"),
        ("a: &a [x, [*a]]", "a.1.0: stands inside itself"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested deeper than 50 levels"),
        ("\n".join(f"a{n + 1}: &a{n + 1} [*a{n}]" if n else "a1: &a1 []" for n in range(60)), "nested deeper than 50"),
        ("\n".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]" if n else "a1: &a1 []" for n in range(40)), "more than 50000"),
    ],
)
def test_a_file_that_is_no_list_of_fields_is_named(tmp_path, text, problem):
    with pytest.raises(UsageError, match=re.escape(problem)) as caught:
        catalog_of(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / '0.yaml'}: ")
    assert "\n" not in str(caught.value)


def test_a_request_that_holds_itself_is_told(tmp_path):
    with pytest.raises(UsageError, match=r"0\.yaml: endpoints\.images\.request\.more: stands inside itself"):
        catalog_of(tmp_path, MADE_UP.replace("request: {", "request: &loop {more: *loop, "))


def test_what_anchors_are_for_is_no_repetition(tmp_path):
    text = "definitions: {a: &a {title: A}, b: &b {<<: *a, title: B}}\n"
    models = "  acme-2: {<<: *b, like: acme-1}\n  acme-3: {<<: [*a, *b], like: acme-1, title: C}\n"
    catalog = catalog_of(tmp_path, text + MADE_UP + models)
    assert [model.title for model in catalog.services["acme"].models.values()] == ["", "B", "C"]


@pytest.mark.parametrize("name", [".a.yaml", "._a.yaml", ".#a.yaml", "a.yaml~", "a.txt"])
def test_files_that_other_programs_leave_are_not_read(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x00\x05 [")
    assert load_catalog(tmp_path) == load_catalog()


@pytest.mark.parametrize("name", ["a.yml", "a.YAML", "A.Yml"])
def test_an_ending_may_be_written_in_any_way(tmp_path, name):
    (tmp_path / name).write_text(MADE_UP, encoding="utf-8")
    assert "acme" in load_catalog(tmp_path).services


@pytest.mark.parametrize("name", sorted(load_catalog().services))
def test_a_shipped_file_is_one_a_person_could_have_written(tmp_path, name):
    """What is checked of people's files only holds for ours."""
    shipped = resources.files("pipeline.images").joinpath(f"catalog/{name}.yaml").read_text(encoding="utf-8")
    assert catalog_of(tmp_path, shipped) == load_catalog()


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"title: \xff")
    with pytest.raises(FileAccessError, match=r"a\.yaml: cannot be read"):
        load_catalog(tmp_path)


def test_a_folder_that_is_none_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"services\.catalog: .*nowhere is no folder"):
        load_catalog(tmp_path / "nowhere")


def test_an_empty_folder_changes_nothing(tmp_path):
    assert load_catalog(tmp_path) == load_catalog()


@pytest.mark.parametrize(
    ("name", "kind", "found"),
    [
        ("openai", "image", "openai/gpt-image-2.6-flare"),
        ("openai/gpt-image-2", "image", "openai/gpt-image-2"),
        ("gpt-image-2", "image", "openai/gpt-image-2"),
        ("nano-banana-2.1", "image", "gemini/gemini-nano-banana-2.1"),
        ("gemini/nano-banana", "image", "gemini/gemini-nano-banana-2.1"),
        ("flux-3", "image", "bfl/flux-3-image"),
        ("sd3.5-large", "image", "stability/sd3.5-large"),
        ("black-forest-labs/flux-schnell", "image", "replicate/black-forest-labs/flux-schnell"),
        ("openrouter/openai/gpt-image-2.6-flare", "image", "openrouter/openai/gpt-image-2.6-flare"),
        ("fal/fal-ai/flux/dev", "image", "fal/fal-ai/flux/dev"),
        ("anthropic", "text", "anthropic/claude-haiku-5-5"),
        ("haiku", "text", "anthropic/claude-haiku-5-5"),
        ("openrouter", "text", "openrouter/anthropic/claude-haiku-5.5"),
    ],
)
def test_a_name_finds_its_model(name, kind, found):
    assert load_catalog().choose(name, kind, SETTING).name == found


@pytest.mark.parametrize("name", ["openai/gpt-image-9", "azure/my-deployment", "ollama/x/other", "localai/sd-3"])
def test_an_id_that_is_not_listed_goes_by_another_entry_where_the_service_allows_it(name):
    choice = load_catalog().choose(name, "image", SETTING)
    assert (choice.name, choice.route, choice.is_listed) == (name, choice.id, False)
    assert (choice.model.retires, choice.model.pattern, choice.model.aliases) == (None, False, ())


def test_an_unlisted_models_price_is_the_one_that_is_meant_for_all_of_the_service(tmp_path):
    catalog = catalog_of(tmp_path, MADE_UP + "unknown: {image: acme-1}\n")
    reported = load_catalog().choose("openrouter/some/model", "image", SETTING).model.price
    assert reported is not None
    assert reported.reported == "usage.cost"
    assert catalog.choose("acme/acme-2", "image", SETTING).model.price is None


@pytest.mark.parametrize(
    ("name", "kind", "problem"),
    [
        ("opnai", "image", "no image model 'opnai', did you mean openai?"),
        ("gpt-image-2.6-flair", "image", "no image model 'gpt-image-2.6-flair', did you mean gpt-image-2.6-flare?"),
        ("bfl/flux-3-imge", "image", "bfl has no image model 'flux-3-imge' in the catalog, did you mean flux-3-image?"),
        ("kie/any-image", "image", "kie has no image model 'any-image' in the catalog"),
        ("gemini/nano-bananna", "image", "in the catalog, did you mean nano-banana?"),
        ("stability", "text", "stability has no text model to take unasked; `models --type text` lists"),
        ("azure", "image", "azure has no image model to take unasked; say which: azure/<model>"),
        ("openai/gpt-5.4", "image", "openai/gpt-5.4 is no image model"),
        ("anthropic/claude-haiku-5-5", "image", "anthropic/claude-haiku-5-5 is no image model"),
        ("nano-banana-pro", "image", "is a model of several services; say which: gemini/"),
        ("", "image", "no image model ''"),
    ],
)
def test_a_name_that_means_nothing_or_several_is_told_with_the_nearest(name, kind, problem):
    with pytest.raises(UsageError, match=re.escape(problem)) as caught:
        load_catalog().choose(name, kind, SETTING)
    assert str(caught.value).startswith("images.model: ")


def test_a_service_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(UsageError, match=r"images\.provider: no service 'replicat', did you mean replicate\?"):
        load_catalog().service("replicat", "images.provider")


def test_patterns_are_no_models():
    assert not [choice.name for choice in load_catalog().models("image") if choice.model.pattern]
    assert not load_catalog().choose("openai/any-image", "image", SETTING).is_listed
