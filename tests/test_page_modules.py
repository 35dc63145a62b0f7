"""How the modules of the pages may import one another: arrows point down, and hashed names can follow them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1] / "static" / "js"
FLOORS = {"base": 0, "live": 1, "send": 1, "recorder": 2, "transcript": 2, "pages": 3}
MOST_MODULES = 14
IMPORT = re.compile(r'^(?:import|export) .*"(\.{1,2}/[\w/-]+\.js)";$')
TYPE = re.compile(r'import\("([^"]+)"\)')


def list_modules():
    return sorted(ROOT.rglob("*.js"))


def find_imports(path):
    """Return the modules that one imports, for its work or for its types."""
    text = path.read_text(encoding="utf-8")
    found = [match[1] for line in text.splitlines() if (match := IMPORT.match(line))] + TYPE.findall(text)
    return [(path.parent / address).resolve() for address in found]


def points_down(room, other):
    return room == other or FLOORS[other] < FLOORS[room]


@pytest.mark.parametrize(
    ("room", "other"), [("base", "live"), ("send", "live"), ("live", "send"), ("recorder", "pages")]
)
def test_the_rule_sees_an_arrow_up_or_across(room, other):
    assert not points_down(room, other)


def test_modules_import_only_what_lies_below_them():
    arrows = [(path, target) for path in list_modules() for target in find_imports(path)]
    assert len(arrows) > 100
    assert [pair for pair in arrows if not points_down(pair[0].parent.name, pair[1].parent.name)] == []


def test_every_import_leads_to_a_module():
    assert {target for path in list_modules() for target in find_imports(path)} <= set(list_modules())


def test_every_module_lies_in_a_room_with_few_others():
    rooms = [path.parent.relative_to(ROOT).as_posix() for path in list_modules()]
    assert set(rooms) == set(FLOORS)
    assert max(rooms.count(room) for room in FLOORS) <= MOST_MODULES


def test_every_import_stands_on_a_line_of_its_own_so_that_it_follows_the_hashed_names():
    lines = [line for path in list_modules() for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line for line in lines if re.match(r"(import|export .* from)\b", line) and not IMPORT.match(line)] == []
