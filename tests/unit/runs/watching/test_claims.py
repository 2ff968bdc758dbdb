"""One file is taken by one watcher, and by another only once that one is dead."""

from __future__ import annotations

import pytest

from pipeline.runs.watching.claims import Claim, claim_file, claims_of
from pipeline.runs.watching.inbox import Candidate, stamp_of
from pipeline.runs.watching.leases import Lease


@pytest.fixture
def lease(folders, clock):
    return Lease(folders.processing, clock, 60.0, "here")


def candidate(path):
    return Candidate(path, stamp_of(path))


def test_the_second_to_take_a_file_gets_nothing_and_leaves_nothing(put, folders):
    one = candidate(put("a.pptx"))
    claim, stamp = claim_file(one, folders.processing, "first")
    assert claim_file(one, folders.processing, "second") is None
    assert stamp == one.stamp
    assert claim.original.name == "a.pptx"
    assert [path.name for path in folders.processing.iterdir()] == [claim.folder.name]


def test_files_of_one_name_do_not_meet(put, folders):
    claims = [claim_file(candidate(put("a.pptx")), folders.processing, "me")[0] for _ in range(3)]
    assert len({claim.folder for claim in claims}) == 3


def test_the_dead_are_taken_over_and_the_living_are_not(put, folders, clock, lease):
    with lease, Lease(folders.processing, clock, 60.0, "here") as living:
        dead = Lease(folders.processing, clock, 60.0, "here")
        dead.__enter__()
        dead._lock.release()  # as the kernel does for who is killed
        taken = {
            name: claim_file(candidate(put(f"{name}.pptx")), folders.processing, owner)[0]
            for name, owner in (("own", lease.owner), ("living", living.owner), ("dead", dead.owner))
        }
        found = claims_of(lease, folders.processing)
        assert {claim.original.name for claim in found} == {"own.pptx", "dead.pptx"}
        assert {claim.token for claim in found} == {taken["own"].token, taken["dead"].token}
        assert all(claim.folder.name.startswith(lease.owner) for claim in found)
        assert lease.others() == [living.owner]
        assert [claim.original.name for claim in claims_of(living, folders.processing)] == ["living.pptx"]


def test_a_folder_goes_with_what_is_made_but_never_with_the_file(put, folders):
    claim, _ = claim_file(candidate(put("a.pptx")), folders.processing, "me")
    claim.made.mkdir()
    claim.discard()
    assert claim.original.exists()
    claim.original.unlink()
    claim.discard()
    assert not claim.folder.exists()
    claim.discard()


def test_how_often_a_deck_was_begun_is_counted_until_it_is_left_in_order(folders):
    claim = Claim(folders.processing / "me.0")
    claim.folder.mkdir()
    assert [claim.begin(), claim.begin(), claim.begin()] == [0, 1, 2]
    claim.left_in_order()
    assert claim.begin() == 0
