"""One name for one function of a package and one file."""

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = [
    "accounts",
    "analysis",
    "benchmarks",
    "engine",
    "foundation",
    "jobs",
    "notifications",
    "tests",
    "transcribe_site",
    "versioning",
]
# Functions that two modules of one folder may both have, each with its reason.
SHARED_FUNCTIONS = {
    ("benchmarks/service", "main"): "each benchmark is a program",
    ("benchmarks/service", "read_arguments"): "each benchmark is a program",
    ("benchmarks/speed", "main"): "each benchmark is a program",
    ("benchmarks/speed", "read_arguments"): "each benchmark is a program",
    ("notifications", "find_host"): "one reads a target, one a delivery",
    ("notifications", "forget_browser"): "a view, and the signal that does the same",
    ("notifications", "remove_old"): "each table is tidied on its own",
    ("tests", "main"): "each module with it is a program",
}
# Files that may have the same name, each with its reason.
SHARED_FILES = {
    "admin.py": "Django finds it by this name",
    "apps.py": "Django finds it by this name",
    "checks.py": "usual for the system checks of an app",
    "conf.py": "usual for the settings of an app",
    "errors.py": "the library has errors of its own",
    "forms.py": "usual for the forms of an app",
    "messages.py": "what the engine's pipe and a stream say",
    "middleware.py": "usual for the middleware of an app",
    "models.py": "Django finds it by this name",
    "settings.py": "those of the tests stand on those of the site",
    "urls.py": "usual for the addresses of an app",
    "views.py": "usual for the pages of an app",
    # Of the tests, which are never imported by each other's folders:
    "client.py": "the engine's, and a person's in tests/chaos",
    "processes.py": "those of the commands, the engine's tests and tests/chaos",
    "site.py": "tags of every page, and the site under attack in tests/chaos",
    "sounds.py": "those of the engine's tests and of the jobs' tests",
}


@cache
def list_modules():
    """Return the paths of all modules but tests, fixtures and migrations."""
    found = (path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    usual = {"__init__.py", "__main__.py", "conftest.py"}
    return [
        path
        for path in found
        if path.name not in usual and not path.name.startswith("test_") and "migrations" not in path.parts
    ]


def read_function_names(path):
    """Return the public functions at the top of a module, each once."""
    body = ast.parse((ROOT / path).read_text(encoding="utf-8")).body
    names = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    return {name for name in names if not name.startswith("_")}


def find_shared_functions(modules):
    """Return folder and name of each function in two modules."""
    counts = Counter((path.parent.as_posix(), name) for path in modules for name in read_function_names(path))
    return {key for key, count in counts.items() if count > 1}


def find_shared_files(modules):
    counts = Counter(path.name for path in modules)
    return {name for name, count in counts.items() if count > 1}


def test_functions_of_a_package_have_names_of_their_own():
    assert find_shared_functions(list_modules()) == set(SHARED_FUNCTIONS)


def test_files_have_names_of_their_own():
    assert find_shared_files(list_modules()) == set(SHARED_FILES)


@pytest.mark.parametrize("folders", [("one", "one"), ("one", "two")])
def test_only_one_folder_is_a_package(tmp_path, monkeypatch, folders):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    paths = [Path(folder, f"{name}.py") for folder, name in zip(folders, ("first", "second"), strict=True)]
    for path in paths:
        (tmp_path / path.parent).mkdir(exist_ok=True)
        (tmp_path / path).write_text("def send(): pass\n\n\ndef _send(): pass\n")
    assert find_shared_functions(paths) == ({("one", "send")} if folders == ("one", "one") else set())


def test_the_same_file_name_in_two_folders_is_found():
    assert find_shared_files([Path("one/send.py"), Path("two/send.py"), Path("two/claim.py")]) == {"send.py"}
