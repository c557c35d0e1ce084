"""Loading a seed file: again and again without harm, and what it refuses."""

from pathlib import Path

import msgspec
import pytest
from sqlmodel import col, select

from cloud import seed
from cloud.database import Database
from cloud.identity import password_matches
from cloud.seed import Seed, SeedError, SeedGateway, SeedShop, SeedUser
from cloud.settings import Settings
from cloud.tables import Document, Gateway, Membership, SignIn, User
from edge_gateway.shop_document import Bin, BinPart, Cabinet, Part
from tests.cloud import worlds
from tests.cloud.conftest import Cloud


def _load(database: Database, content: Seed) -> dict[str, int]:
    with database.writing() as session:
        return seed.store(session, content, worlds.NOW_MS)


def _with(content: Seed, **changes: object) -> Seed:
    # Without the dealers unless they matter: they are there already, and passwords are slow to check.
    return msgspec.structs.replace(content, **{"dealers": [], **changes})


def test_a_file_can_be_loaded_again(empty_address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first time makes everything, the second changes nothing."""
    path = tmp_path / "seed.json"
    path.write_bytes(worlds.seed_json())
    settings = Settings(worlds.SECRET, empty_address)
    assert [seed.load(settings, path) for _ in range(2)] == [0, 0]
    said = capsys.readouterr().out.splitlines()
    assert said == [f"cloud seed {shop}: document version 1" for shop in ("shop-1", "shop-2", "shop-9")] * 2


def test_a_changed_document_gets_a_new_version(database: Database) -> None:
    """Only that shop's, and its new cabinet may be named by uploads from then on."""
    first, *others = worlds.seed().shops
    cabinets = [*first.document.cabinets, Cabinet(id="cab-3", name_zh="三", name_en="3", bins=[])]
    changed = SeedShop(first.gateway, msgspec.structs.replace(first.document, cabinets=cabinets))
    versions = _load(database, _with(worlds.seed(), shops=[changed, *others]))
    assert versions == {"shop-1": 2, "shop-2": 1, "shop-9": 1}
    with database.reading() as session:
        assert session.get(Document, ("shop-1", 2)) is not None


def test_a_new_cabinet_is_accepted_by_a_running_cloud(cloud: Cloud) -> None:
    """What uploads may name is read anew with the document's version."""
    stranger = worlds.event(1, cabinet="cab-3")
    cloud.receipt(worlds.upload([stranger]))
    assert len(cloud.reasons()) == 1
    first = worlds.seed().shops[0]
    cabinets = [*first.document.cabinets, Cabinet(id="cab-3", name_zh="三", name_en="3", bins=[])]
    document = msgspec.structs.replace(first.document, cabinets=cabinets)
    _load(cloud.services.database, _with(worlds.seed(), shops=[SeedShop(first.gateway, document)]))
    cloud.receipt(worlds.upload([worlds.event(2, cabinet="cab-3")], first=2))
    assert len(cloud.reasons()) == 1


def test_a_changed_password_replaces_the_old_one_and_signs_out(database: Database) -> None:
    """Whoever knew the old one is out."""
    dealer = worlds.seed().dealers[0]
    user = SeedUser("LI@north.example", "another password", "李经理")
    _load(database, _with(worlds.seed(), dealers=[_replace_users(dealer, [user])], shops=[]))
    with database.reading() as session:
        row = session.get_one(User, 1)
        assert (row.email, row.name) == ("li@north.example", "李经理")
        assert password_matches("another password", row.password_hash)
        assert not password_matches(worlds.PASSWORDS["li@north.example"], row.password_hash)
        assert session.exec(select(SignIn).where(col(SignIn.user_id) == 1)).all() == []


def _replace_users(dealer: seed.SeedDealer, users: list[SeedUser]) -> seed.SeedDealer:
    return msgspec.structs.replace(dealer, users=users)


def test_somebody_may_belong_to_two_dealers(database: Database) -> None:
    """One person, one password, and a role with each dealer."""
    south = worlds.seed().dealers[1]
    user = SeedUser("li@north.example", worlds.PASSWORDS["li@north.example"], "li", role="clerk")
    _load(database, _with(worlds.seed(), dealers=[_replace_users(south, [user])], shops=[]))
    with database.reading() as session:
        found = session.exec(select(Membership).where(col(Membership.user_id) == 1).order_by(col(Membership.id))).all()
    assert [(row.dealer_id, row.role) for row in found] == [("north", "admin"), ("south", "clerk")]


def test_keys_and_passwords_are_not_stored(database: Database) -> None:
    """Only what they are recognised by."""
    with database.reading() as session:
        users, gateways = session.exec(select(User)).all(), session.exec(select(Gateway)).all()
    stored = "".join(row.password_hash for row in users).encode() + b"".join(bytes(row.key_sha256) for row in gateways)
    assert len(users) == 2
    assert len(gateways) == 3
    for secret in (*worlds.PASSWORDS.values(), *worlds.KEYS.values()):
        assert secret.encode() not in stored


def _refused() -> dict[str, Seed]:
    good = worlds.seed()
    first = good.shops[0]
    renamed = msgspec.structs.replace(first.document, dealer="south")
    unknown = msgspec.structs.replace(first.document, dealer="west")
    broken = msgspec.structs.replace(first.document, parts=[])
    moved = SeedShop(SeedGateway("gw-1", worlds.KEYS["gw-1"]), good.shops[1].document)
    user = SeedUser("owner@north.example", "x", "Wu", role="shop_owner")
    return {
        "expected shop-1 to belong to south, found it with north": _with(
            good, shops=[SeedShop(first.gateway, renamed)]
        ),
        "expected a known dealer of shop-1, found 'west'": _with(good, shops=[SeedShop(first.gateway, unknown)]),
        "expected a known part in bin 1": _with(good, shops=[SeedShop(first.gateway, broken)]),
        "expected gw-1 to belong to shop-2, found it with shop-1": _with(good, shops=[moved]),
        "expected a key of at least 16 characters": _with(
            good, shops=[SeedShop(SeedGateway("gw-1", "short"), first.document)]
        ),
        "expected a key of its own for gw-1, found that of gw-2": _with(
            good, shops=[SeedShop(SeedGateway("gw-1", worlds.KEYS["gw-2"]), first.document)]
        ),
        "expected the shops of owner@north.example, a shop_owner, found none": _with(
            good, dealers=[_replace_users(good.dealers[1], [user])]
        ),
    }


def test_a_seed_that_contradicts_the_database_is_refused_whole(database: Database) -> None:
    """Each with its sentence, and nothing of it is kept."""
    for sentence, content in _refused().items():
        with pytest.raises(SeedError, match=sentence):
            _load(database, content)
    with database.reading() as session:
        assert len(session.exec(select(Document)).all()) == 3


@pytest.mark.parametrize("text", ["", "[]", '{"dealers": [], "colour": 1}', '{"dealers": [{"id": 1}]}'])
def test_a_file_that_is_no_seed_is_refused(tmp_path: Path, text: str) -> None:
    """Misspelt keys as well."""
    path = tmp_path / "seed.json"
    path.write_text(text)
    with pytest.raises(SeedError, match="expected a seed file"):
        seed.read(path)
    with pytest.raises(SeedError, match="found none"):
        seed.read(tmp_path / "missing.json")


def _shared(first: SeedShop, other_mg: int) -> SeedShop:
    """A shop whose first bin holds filters of 850 g and another part beside them."""
    bins = [
        Bin(bin=1, part="WK-1060", capacity=3, also=[BinPart("X", capacity=3)]),
        *first.document.cabinets[0].bins[1:],
    ]
    cabinets = [msgspec.structs.replace(first.document.cabinets[0], bins=bins)]
    parts = [*first.document.parts, Part("X", "乙", "x", unit_mass_mg=other_mg)]
    return SeedShop(first.gateway, msgspec.structs.replace(first.document, cabinets=cabinets, parts=parts))


def test_a_planogram_that_cannot_be_counted_is_refused_until_somebody_insists(
    empty_address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And is no news afterwards: the same file may be loaded again as it is."""
    path = tmp_path / "seed.json"
    settings = Settings(worlds.SECRET, empty_address)
    good = worlds.seed()
    first = _shared(good.shops[0], 850_300)
    path.write_bytes(msgspec.json.encode(_with(good, dealers=good.dealers[:1], shops=[first])))
    with pytest.raises(SeedError, match=r"shop-1: .* cab-1 bin 1 .*1 x WK-1060 \(850 g\) looks like .*--force"):
        seed.load(settings, path)
    assert seed.load(settings, path, force=True) == 0
    capsys.readouterr()
    assert seed.load(settings, path) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "cloud seed shop-1: document version 1"
    assert told[1].startswith("cab-1 bin 1 (c3-10kg: WK-1060, X): refused, ")


def test_a_bin_with_two_parts_that_can_be_told_apart_is_kept(database: Database) -> None:
    first = _shared(worlds.seed().shops[0], 300_000)
    assert _load(database, _with(worlds.seed(), shops=[first])) == {"shop-1": 2}
