"""The rules of the code as a whole.

Who writes a job's state, which modules there are, what is documented.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {"accounts", "analysis", "engine", "foundation", "jobs", "notifications", "transcribe_site", "versioning"}
MODULES = {"manage"}
BESIDE = {"benchmarks", "tests"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "shared", "lib"}
STATE_WRITER = Path("jobs/domain/lifecycle/transitions.py")


def list_modules():
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]
    return sorted(found + [ROOT / f"{module}.py" for module in MODULES])


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


OTHER_STATES = {"StepState", "RecordingState", "DeliveryState"}


def may_be_job_state(value):
    """Whether a value may be a state of a job.

    That is everything but a member of StepState, by its name. A value that is not spelled out (a variable, a string, a
    call) counts as one, so that a job's state is not written by a detour.
    """
    if isinstance(value, ast.IfExp):
        return may_be_job_state(value.body) or may_be_job_state(value.orelse)
    return not (
        isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id in OTHER_STATES
    )


def find_state_writes(tree):
    """Return the lines that write a `state`.

    They assign to `.state`, or pass one to something that writes rows.
    """
    return sorted({line for node in ast.walk(tree) for line in find_writes_in(node)})


def find_writes_in(node):
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(is_state_target(target) for target in targets) and (node.value is None or may_be_job_state(node.value)):
            yield node.lineno
    elif isinstance(node, ast.Call):
        yield from find_writes_in_call(node)


def is_state_target(target):
    if isinstance(target, ast.Tuple):
        return any(is_state_target(part) for part in target.elts)
    return isinstance(target, ast.Attribute) and target.attr == "state"


WRITERS = {
    "update",
    "create",
    "get_or_create",
    "update_or_create",
    "bulk_update",
    "aupdate",
    "acreate",
    "Job",
    "setattr",
}
WRITERS |= {"write_under_lease", "Step"}


def find_writes_in_call(call):
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in WRITERS:
        return
    for keyword in call.keywords:
        if keyword.arg == "state" and may_be_job_state(keyword.value):
            yield call.lineno
        if keyword.arg in {"defaults", "create_defaults"} or keyword.arg is None:
            yield from find_in_mapping(keyword.value)
    if name in {"setattr", "bulk_update"} and any(names_state(argument) for argument in call.args[1:]):
        yield call.lineno


def names_state(argument):
    return any(isinstance(part, ast.Constant) and part.value == "state" for part in ast.walk(argument))


def find_in_mapping(value):
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            for key, item in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "state" and may_be_job_state(item):
                    yield node.lineno


@pytest.mark.parametrize(
    "violation",
    [
        "job.state = JobState.FAILED",
        "job.state = 'failed'",
        "step.job.state = new",
        "job.state, job.stage = new, ''",
        "job.state: str = new",
        "job.state = JobState.FAILED if lost else StepState.DONE",
        "Job.objects.filter(pk=1).update(state=JobState.FAILED)",
        "jobs.update(stage='', state='failed')",
        "jobs.update(state=new)",
        "jobs.update(**{'state': JobState.FAILED})",
        "Job(recording=recording, state=JobState.COMPLETED)",
        "Job.objects.create(state=state)",
        "Job.objects.update_or_create(pk=1, defaults={'state': state})",
        "Job.objects.bulk_update(jobs, ['stage', 'state'])",
        "setattr(job, 'state', new)",
    ],
)
def test_the_rule_catches_a_writer_of_a_jobs_state(violation):
    assert find_state_writes(ast.parse(violation)) == [1]


@pytest.mark.parametrize(
    "fine",
    [
        "Step.objects.filter(state=JobState.FAILED)",
        "steps.update(state=StepState.FAILED, error_code=code)",
        "Step(state=StepState.DONE if is_silent else StepState.WAITING)",
        "Step.objects.update_or_create(job=job, defaults={'state': StepState.WAITING})",
        "step.state = StepState.DONE",
        "current.state = RecordingState.READY",
        "state = job.state",
        "jobs.update(stage='', progress=100.0)",
        "events.record_event(job, state=job.state)",
    ],
)
def test_the_rule_lets_steps_and_readers_pass(fine):
    assert find_state_writes(ast.parse(fine)) == []


def test_one_module_writes_the_state_of_jobs():
    # JobEvent.state is a record of what was; events.py creates it and nothing else. A claim writes the state of a row
    # of work, and a job is none.
    allowed = {STATE_WRITER, Path("jobs/domain/feed/events.py"), Path("foundation/database/leased_rows.py")}
    found = {path.relative_to(ROOT): find_state_writes(parse(path)) for path in list_modules()}
    assert {str(path): lines for path, lines in found.items() if lines and path not in allowed} == {}


def test_the_rule_sees_the_writer_itself():
    assert len(find_state_writes(parse(ROOT / STATE_WRITER))) == 1


def test_events_are_all_that_the_events_module_creates():
    calls = [node for node in ast.walk(parse(ROOT / "jobs/domain/feed/events.py")) if isinstance(node, ast.Call)]
    written = [ast.unparse(call.func) for call in calls if list(find_writes_in_call(call))]
    assert written == ["JobEvent.objects.create"]


def test_the_root_holds_the_packages_that_the_architecture_names():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    modules = {path.stem for path in ROOT.glob("*.py")}
    assert packages - BESIDE == PACKAGES
    assert modules == MODULES


@pytest.mark.parametrize("path", list_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_has_a_name_that_says_nothing(path):
    assert VAGUE.isdisjoint({*path.relative_to(ROOT).parts[:-1], path.stem})


@pytest.mark.parametrize("path", list_modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_its_intent(path):
    assert ast.get_docstring(parse(path))


def find_settings_read():
    """Return the names of all variables that are read through transcribe_site.env."""
    calls = [node for path in list_modules() for node in ast.walk(parse(path)) if isinstance(node, ast.Call)]
    readers = [call for call in calls if re.fullmatch(r"env\.read_\w+", ast.unparse(call.func))]
    return {ast.literal_eval(call.args[0]) for call in readers}


def find_settings_documented():
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(TRANSCRIBE_\w+|DATABASE_URL|HOST|HTTPS|PORT)` \|", text, flags=re.MULTILINE))


def test_every_setting_is_documented_and_every_documented_setting_is_read():
    assert find_settings_documented() == find_settings_read()


def test_settings_are_read_in_one_place_alone():
    # The child of the engine passes PATH and LANG on, a cluster hands its name to its workers, `serve` the names of the
    # machine to the web server.
    allowed = {"engine/pipe/process.py", "foundation/database/clusters.py", "jobs/management/commands/workers.py"}
    setters = {"manage.py", "transcribe_site/asgi.py", "transcribe_site/wsgi.py"}
    setters |= {"transcribe_site/management/commands/serve.py"}
    readers = {
        str(path.relative_to(ROOT)) for path in list_modules() if "os.environ" in path.read_text(encoding="utf-8")
    }
    assert readers - allowed - setters == {"transcribe_site/env.py"}
