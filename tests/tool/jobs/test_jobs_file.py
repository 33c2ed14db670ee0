"""jobs.py as text: what add and remove do to it, byte for byte."""

import ast
import os
import shutil
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest
from herokuclock.errors import HerokuclockError
from herokuclock.jobs import file as jobs_file
from hypothesis import given, settings
from hypothesis import strategies as st
from support.files import TEMPLATE


@dataclass(frozen=True)
class Schedule:
    kind: str
    keywords: dict[str, str | int]

    def source(self):
        def text(value):
            return f'"{value}"' if isinstance(value, str) else repr(value)

        pairs = [f"{key}={text(value)}" for key, value in self.keywords.items()]
        return ", ".join([f'"{self.kind}"', *pairs])


EVERY_DAY = [Schedule("cron", {"day_of_week": "mon-fri", "hour": "17"})]
ARTICLE = Schedule(
    "cron",
    {
        "day_of_week": "sat-sun",
        "hour": "12-16",
        "minute": "0-59/15",
        "timezone": "America/New_York",
    },
)
LONG = Schedule(
    "cron",
    {**ARTICLE.keywords, "start_date": "2027-01-01 00:00:00", "end_date": "2027-12-31 00:00:00"},
)
FEW = Schedule("interval", {"minutes": 15})

ONE_LINE = 'from clockdyno import Clock; sched = Clock(timezone="UTC")'
CONFIG = TEMPLATE / "pyproject.toml"
RUFF = Path(sys.executable).with_name("ruff")

# Each is formatted, and each has something of its own where a job goes in or comes out.
FORMATTED = {
    "template": (TEMPLATE / "jobs.py").read_text(),
    "no job yet": """\
import logging

from clockdyno import Clock

log = logging.getLogger("jobs")

sched = Clock(timezone="UTC")


if __name__ == "__main__":
    sched.start()
""",
    "one blank line above the guard": """\
from apscheduler.schedulers.blocking import BlockingScheduler

from tasks import tick

scheduler = BlockingScheduler()
scheduler.add_job(tick, "interval", minutes=5)

if __name__ == "__main__":
    scheduler.start()
""",
    "no guard, no blank line": """\
from apscheduler.schedulers.blocking import BlockingScheduler

from tasks import tick

sched = BlockingScheduler()
sched.add_job(tick, "interval", minutes=5)
sched.start()
""",
    "started by a function": '''\
import logging

from clockdyno import Clock

logger = logging.getLogger(__name__)
sched = Clock(timezone="UTC")


def main():
    """Run."""
    try:
        sched.start()
    finally:
        logger.info("bye")


main()
''',
    "nothing starts it here": """\
import logging

from clockdyno import Clock

sched = Clock(timezone="UTC")
""",
    "comments around": """\
import logging

from clockdyno import Clock

log = logging.getLogger("jobs")
sched = Clock(timezone="UTC")  # UTC is right here

# Jobs


# The first job.
@sched.scheduled_job("interval", minutes=15)  # often
def tick():
    log.info("tick")
    # and that is all


# Not used now:
# @sched.scheduled_job("interval", minutes=1)

# The clock dyno
# starts here.
if __name__ == "__main__":
    sched.start()
# The end.
""",
    "a section comment with room below": """\
from clockdyno import Clock

sched = Clock(timezone="UTC")
# The jobs stand below this line.

if __name__ == "__main__":
    sched.start()
""",
    "a class, a string with lines, a guard with else": '''\
import logging.config

from clockdyno import Clock

sched = Clock(
    timezone="UTC",
)
TEXT = """
if __name__ == "__main__":

"""


class Mailer:
    def report_all(self):
        return TEXT


if "__main__" == __name__:
    sched.start()
else:
    TEXT = ""
''',
    "a job of ours with a blank line in it": '''\
import logging

from clockdyno import Clock

log = logging.getLogger("jobs")
sched = Clock(timezone="UTC")


@sched.scheduled_job("interval", minutes=15)
def tick():
    """Say what this job does; it is shown beside its runs."""

    log.info("tick ran")


if __name__ == "__main__":
    sched.start()
''',
}
ODD = {
    "two spaces": FORMATTED["template"].replace("    ", "  "),
    "tabs": FORMATTED["template"].replace("    ", "\t"),
    "crlf": FORMATTED["template"].replace("\n", "\r\n"),
    "cr": FORMATTED["template"].replace("\n", "\r"),
    "bom": "\ufeff" + FORMATTED["template"],
    "bom on the scheduler's line": "\ufeff" + ONE_LINE,
    "no final newline": FORMATTED["template"].rstrip(),
    "no final newline, no guard": FORMATTED["nothing starts it here"].rstrip(),
    "spaces at the end": FORMATTED["nothing starts it here"] + "\n  \n\t\n   ",
    "no room at all": FORMATTED["template"].replace("\n\n", "\n"),
    "much room": FORMATTED["template"].replace("\n\n", "\n\n\n\n\n"),
    "blank lines with spaces": FORMATTED["no job yet"].replace("\n\n", "\n  \n\t\n"),
    "one blank line with a space": FORMATTED["no guard, no blank line"].replace(
        "sched.start()", " \nsched.start()"
    ),
    "form feed": FORMATTED["template"].replace("\n\n\nif", "\n\f\nif"),
    "lone returns after a newline": "\n" + FORMATTED["no job yet"].replace("\n", "\r"),
    "mixed endings": FORMATTED["template"].replace("\n\n\n", "\r\n\n\r\n"),
    "unicode above": FORMATTED["template"].replace("Your jobs", "Añadir 🚀 \u2028 \x85 jobs"),
    "semicolons": ONE_LINE.replace("; ", "\n") + "\nx = 1; sched.start()\n",
    "a backslash": "from clockdyno import Clock\nsched = Clock(); x = 1 \\\n\nsched.start()",
    "an indented comment": FORMATTED["template"].replace("\n\n\nif", "\n  # what?\nif"),
    "an escape that Python warns of": FORMATTED["template"].replace("Say hello", "Say \\d hello"),
    "a cookie": "# -*- coding: latin-1 -*-\n" + FORMATTED["template"],
}
FILES = FORMATTED | ODD


def ruff(command, *arguments, text):
    return subprocess.run(
        [RUFF, *command, "--config", CONFIG, *arguments],
        input=text.encode(),
        capture_output=True,
        check=False,
    )


def unformatted(texts):
    """Return those texts that `ruff format` would change: one process looks at all of them."""
    folder = Path("texts")
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.py").write_bytes(text.encode())
    done = ruff(["format"], folder, text="")
    assert done.returncode == 0, done.stderr
    after = [(folder / f"{number}.py").read_bytes() for number in range(len(texts))]
    shutil.rmtree(folder)
    return [text for text, made in zip(texts, after, strict=True) if text.encode() != made]


@pytest.mark.parametrize("schedules", [EVERY_DAY, [FEW], [LONG], [FEW, ARTICLE, LONG]])
@pytest.mark.parametrize("source", FILES.values(), ids=FILES)
def test_add_then_remove_gives_back_the_same_bytes(source, schedules):
    added = jobs_file.add(source, "report", schedules)
    assert jobs_file.remove(added, "report") == source


@pytest.mark.parametrize("source", FILES.values(), ids=FILES)
def test_jobs_added_one_after_the_other_come_out_again_in_turn(source):
    once = jobs_file.add(source, "report", EVERY_DAY)
    twice = jobs_file.add(once, "mail", [FEW], doc='Send O\'Brien "the" mail \\o/')
    assert jobs_file.remove(twice, "mail") == once
    assert jobs_file.remove(jobs_file.remove(twice, "mail"), "report") == source


def test_formatted_files_stay_formatted():
    assert unformatted(["x  = 1\n", "x = 1\n"]) == ["x  = 1\n"]
    texts = list(FORMATTED.values())
    for source in FORMATTED.values():
        for schedules in (EVERY_DAY, [ARTICLE], [LONG], [FEW, ARTICLE, LONG]):
            added = jobs_file.add(source, "report", schedules)
            more = jobs_file.add(added, "mail", [FEW])
            # Also when they come out in the other order.
            texts += [added, more, jobs_file.remove(more, "report")]

    assert unformatted(texts) == []


@pytest.mark.parametrize("source", FILES.values(), ids=FILES)
def test_every_line_that_was_there_is_still_there(source):
    added = jobs_file.add(source, "report", EVERY_DAY)
    same = len(os.path.commonprefix([source, added]))  # noqa: RUF071, of texts
    # One piece of text went in, nothing else changed.
    assert any(added.endswith(source[cut:]) for cut in range(same + 1))


@st.composite
def edited(draw):
    lines = draw(st.sampled_from(sorted(FILES.values()))).splitlines(keepends=True)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(lines)))
        lines.insert(
            at,
            draw(
                st.sampled_from(
                    ["\n", "\r\n", "  \n", "# note\n", "    # note\n", "x = 1\n", "#\r\n", "\n\n\n"]
                )
            ),
        )
    if draw(st.booleans()):
        lines[-1] = lines[-1].rstrip("\r\n")
    return "".join(lines)


def test_add_then_remove_gives_back_the_same_bytes_of_any_edited_file():
    pairs = []
    add_and_remove(pairs)

    before, after = (list(texts) for texts in zip(*pairs, strict=True))
    rough, rough_now = set(unformatted(before)), set(unformatted(after))
    assert [made for source, made in pairs if source not in rough and made in rough_now] == []


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    source=edited(),
    schedules=st.sampled_from([EVERY_DAY, [LONG], [FEW, ARTICLE]]),
    twice=st.booleans(),
)
def add_and_remove(pairs, source, schedules, twice):
    try:
        with warnings.catch_warnings(action="ignore"):
            ast.parse(source.removeprefix("\ufeff"))
    except SyntaxError:
        with pytest.raises(HerokuclockError, match="does not parse"):
            jobs_file.add(source, "report", schedules)
        return
    added = jobs_file.add(source, "report", schedules)
    if twice:
        again = jobs_file.add(added, "mail", [FEW])
        assert jobs_file.remove(again, "mail") == added
    assert jobs_file.remove(added, "report") == source
    pairs.append((source, added))


def test_any_description_ends_up_as_inert_text():
    texts = []
    describe(texts)

    assert unformatted(texts) == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(doc=st.text(max_size=60))
def describe(texts, doc):
    added = jobs_file.add(FORMATTED["template"], "report", EVERY_DAY, doc=doc)
    before, after = ast.parse(FORMATTED["template"]), ast.parse(added)
    assert len(after.body) == len(before.body) + 1
    assert ast.dump(after.body[-2].body[1]) == ast.dump(ast.parse('log.info("report ran")').body[0])
    assert jobs_file.remove(added, "report") == FORMATTED["template"]
    texts.append(added)


def test_the_templates_own_job_is_what_add_writes():
    source = (TEMPLATE / "jobs.py").read_bytes().decode()
    without = jobs_file.remove(source, "hello")
    assert "hello" not in without
    doc = "Say hello; put your own work here."
    assert jobs_file.add(without, "hello", [FEW], doc=doc) == source
    assert len(source.splitlines()) < 40
    test = TEMPLATE / jobs_file.test_path("hello")
    assert test.read_text() == jobs_file.test_source("hello")


def test_the_block_stands_above_the_guard():
    added = jobs_file.add(FORMATTED["template"], "report", [*EVERY_DAY, LONG])
    assert added == FORMATTED["template"].replace(
        "if __name__",
        '''\
@sched.scheduled_job("cron", day_of_week="mon-fri", hour="17")
@sched.scheduled_job(
    "cron",
    day_of_week="sat-sun",
    hour="12-16",
    minute="0-59/15",
    timezone="America/New_York",
    start_date="2027-01-01 00:00:00",
    end_date="2027-12-31 00:00:00",
)
def report():
    """Say what this job does; it is shown beside its runs."""
    log.info("report ran")


if __name__''',
    )


@pytest.mark.parametrize(
    ("file", "start"),
    [
        ("one blank line above the guard", "if __name__"),
        ("no guard, no blank line", "sched.start()"),
        ("started by a function", "main()\n"),
        ("comments around", "# The clock dyno"),
        ("semicolons", "x = 1; sched.start()"),
    ],
)
def test_a_job_is_known_before_the_clock_starts(file, start):
    added = jobs_file.add(FILES[file], "report", EVERY_DAY)
    assert added.index("def report") < added.rindex(start)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("template", 'log.info("report ran")'),
        ("started by a function", 'logger.info("report ran")'),
        ("nothing starts it here", 'logging.getLogger("jobs").info("report ran")'),
        ("one blank line above the guard", 'print("report ran")'),
    ],
)
def test_the_job_uses_only_names_that_the_file_has(file, line):
    added = jobs_file.add(FILES[file], "report", EVERY_DAY)
    assert line in added
    assert ruff(["check"], "--select", "F821", "-", text=added).returncode == 0


def test_the_scheduler_that_is_started_gets_the_job():
    source = "from clockdyno import Clock as C\n\nold: C = C()\nnew = C()\nnew.start()\n"
    assert "@new.scheduled_job" in jobs_file.add(source, "report", EVERY_DAY)
    imported = "from machinery import ticker\n\nticker.add_job(print, 'cron')\n"
    assert "@ticker.scheduled_job" in jobs_file.add(imported, "report", EVERY_DAY)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\n", "no scheduler"),
        ("if __name__ == '__main__':\n    sched = Clock()\n    sched.start()\n", "no scheduler"),
        ("def main():\n    sched = Clock()\n    sched.start()\n", "no scheduler"),
        ("sched = Clock(); sched.start()\n", "makes and starts its scheduler on line 1"),
        ("sched = Clock(\n", "does not parse: line 1: '\\(' was never closed"),
        ("sched = Clock()\nreturn\n", "does not parse: line 2: 'return' outside function"),
        ("sched = Clock()\n\x00", "does not parse"),
        ("sched = Clock('\ud800')\n", "does not parse"),
        ("sched = Clock()\nx = " + "-" * 100_000 + "1", "nested too deeply"),
        ("sched = Clock()\nx = " + "1+" * 100_000 + "1", "nested too deeply"),
        ("sched = Clock()\nx = " + "(" * 1_000, "does not parse"),
        ("sched = Clock()\n" + "#" * 1_000_000, "too large"),
    ],
)
def test_a_file_that_cannot_take_a_job_is_refused_with_a_hint(source, message):
    with pytest.raises(HerokuclockError, match=message) as caught:
        jobs_file.add(source, "report", EVERY_DAY)
    assert caught.value.hint
    assert len(caught.value.message) < 120
    with pytest.raises(HerokuclockError):
        jobs_file.set_timezone(source, "UTC")


@pytest.mark.parametrize(
    "name",
    [
        "hello",
        "log",
        "sched",
        "Clock",
        "logging",
        "Hello",
        "taken",
        "deep",
        "used",
        "other-id",
        "id",
    ],
)
def test_a_name_that_the_file_has_already_is_refused(name):
    source = FORMATTED["template"].replace(
        "\n\n\nif",
        """


@sched.scheduled_job("cron", hour=1, id="taken")
def other():
    global deep
    deep = used()


if""",
    )
    with pytest.raises(HerokuclockError) as caught:
        jobs_file.add(source, name, EVERY_DAY)
    assert caught.value.hint


def test_a_description_that_does_not_fit_is_refused():
    with pytest.raises(HerokuclockError, match="longer than"):
        jobs_file.add(FORMATTED["template"], "report", EVERY_DAY, doc="x" * 100)
    longest = jobs_file.add(FORMATTED["template"], "r" * 50, [LONG], doc="x" * 86)
    assert ruff(["check"], "-", text=longest).returncode == 0


EDITS = {
    "another line": ("mail ran", "mail ran twice"),
    "a line more": ('log.info("mail ran")', 'log.info("mail ran")\n    send()'),
    "a statement more": ('log.info("mail ran")', 'log.info("mail ran"); send()'),
    "a comment in it": ('    log.info("mail', '    # soon\n    log.info("mail'),
    "a comment at its end": ('("mail ran")', '("mail ran")  # soon'),
    "a comment below it": ('("mail ran")\n', '("mail ran")\n\n    # soon\n'),
    "a comment at its schedule": ("minutes=15)\ndef mail", "minutes=15)  # often\ndef mail"),
    "a parameter": ("mail()", "mail(scheduled_at)"),
    "another decorator": ("def mail", "@retry\ndef mail"),
    "a longer docstring": ("beside its runs.", "beside its runs.\n\n    More.\n    "),
    "async": ("def mail", "async def mail"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_job_is_only_removed_with_force(edit):
    source = FORMATTED["template"]
    text = jobs_file.add(source, "mail", [FEW]).replace(*edit)
    with pytest.raises(HerokuclockError, match="mail has been edited") as caught:
        jobs_file.remove(text, "mail")
    assert "--force" in caught.value.hint
    assert jobs_file.remove(text, "mail", force=True) == source


def test_another_schedule_or_description_is_no_edit_of_the_body():
    source = FORMATTED["template"]
    text = jobs_file.add(source, "mail", [FEW])
    text = text.replace("minutes=15)\ndef mail", "minutes = 20, id='mail')\ndef mail")
    text = text.replace("Say what this job does; it is shown beside its runs.", "Send the mail.")
    assert jobs_file.remove(text, "mail") == source


def test_a_file_whose_line_endings_were_changed_since_is_no_edit():
    text = jobs_file.add(FORMATTED["template"], "mail", [FEW]).replace("\n", "\r\n")
    assert jobs_file.remove(text, "mail") == FORMATTED["template"].replace("\n", "\r\n")


def test_a_comment_above_a_job_stays():
    text = jobs_file.add(FORMATTED["template"], "mail", [FEW])
    text = text.replace('@sched.scheduled_job("interval", minutes=15)\ndef mail', "# Mine.\n\\g", 1)
    text = text.replace("\\g", '@sched.scheduled_job("interval", minutes=15)\ndef mail')
    kept = jobs_file.remove(text, "mail")
    assert "# Mine.\n\n\nif __name__" in kept
    assert unformatted([kept]) == []


@pytest.mark.parametrize(
    "use",
    [
        "x = mail",
        "def other():\n    mail()",
        "sched.add_job(mail, 'cron', hour=1)",
        "sched.add_job('jobs:mail', 'cron', hour=1)",
        "sched.pause_job('mail')",
        "def mail():\n    pass",
    ],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_job_that_other_code_uses_is_not_removed(use, force):
    text = jobs_file.add(FORMATTED["template"], "mail", [FEW]) + f"\n\n{use}\n"
    with pytest.raises(HerokuclockError, match="Other code in jobs.py uses mail"):
        jobs_file.remove(text, "mail", force=force)


def test_the_same_word_elsewhere_is_no_use():
    source = FORMATTED["template"] + "\n\ndef other(mail='mail'):\n    return mail\n"
    assert jobs_file.remove(jobs_file.add(source, "mail", [FEW]), "mail") == source


@pytest.mark.parametrize(
    ("source", "name", "message", "hint"),
    [
        (FORMATTED["template"], "helo", "There is no job 'helo'", "Did you mean hello?"),
        (FORMATTED["template"], "xyz", "There is no job 'xyz'", "Jobs in jobs.py: hello."),
        (FORMATTED["no job yet"], "xyz", "There is no job 'xyz'", "Jobs in jobs.py: none."),
        (FORMATTED["template"], "main", "There is no job 'main'", "Did"),
        (FORMATTED["no guard, no blank line"], "tick", "is not a function with a decorator", "6"),
        (
            "if 1:\n    @sched.scheduled_job('cron')\n    def tick():\n        pass\n",
            "tick",
            "at the top level",
            "line 3",
        ),
    ],
)
def test_what_cannot_be_removed_is_named(source, name, message, hint):
    if name == "main":
        source = source.replace("def hello", "def maine")
    with pytest.raises(HerokuclockError, match=message) as caught:
        jobs_file.remove(source, name, force=True)
    assert hint in caught.value.hint


def test_a_job_written_by_hand_is_removed_by_its_id_with_force():
    source = FORMATTED["comments around"].replace("minutes=15)", 'minutes=15, id="ticker")')
    removed = jobs_file.remove(source, "ticker", force=True)
    assert "def tick" not in removed
    assert "# The first job." in removed
    assert "# and that is all" not in removed


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_time_zone_is_replaced_and_nothing_else(newline):
    source = "\ufeffx = \"é\"; sched = Clock(timezone='UTC', x=1)  # UTC\nsched.start()\n"
    source = source.replace("\n", newline)
    expected = source.replace("'UTC'", '"Europe/Berlin"')
    assert jobs_file.set_timezone(source, "Europe/Berlin") == expected
    assert jobs_file.timezone(expected) == "Europe/Berlin"


@pytest.mark.parametrize("zone", ['x")', "a\nb", "", "\\", "{{7*7}}", "Europe/Berlin\n"])
def test_a_zone_that_is_no_name_of_a_zone_never_gets_into_the_file(zone):
    with pytest.raises(HerokuclockError, match="is no time zone"):
        jobs_file.set_timezone(FORMATTED["template"], zone)


@pytest.mark.parametrize("call", ["Clock()", "Clock(timezone=ZONE)", "Clock('UTC')"])
def test_a_zone_that_is_no_literal_is_not_replaced(call):
    source = FORMATTED["template"].replace('Clock(timezone="UTC")', call)
    with pytest.raises(HerokuclockError, match="no time zone that can be replaced"):
        jobs_file.set_timezone(source, "Europe/Berlin")


@pytest.mark.parametrize("logs", [True, False])
def test_the_test_of_a_job_passes_and_is_clean(tmp_path, logs):
    source = "import logging\n\n" if logs else ""
    source += "from apscheduler.schedulers.blocking import BlockingScheduler\n\n"
    source += "sched = BlockingScheduler()\n"
    (tmp_path / "tests").mkdir()
    for name in ("report", "r" * 50):
        source = jobs_file.add(source, name, EVERY_DAY)
        test = jobs_file.test_source(name, prints=not logs)
        (tmp_path / jobs_file.test_path(name)).write_text(test)
    (tmp_path / "jobs.py").write_text(source)
    (tmp_path / "pyproject.toml").write_text(CONFIG.read_text())
    tested = [sys.executable, "-m", "pytest"]
    for command in (tested, [RUFF, "check"], [RUFF, "format", "--check"]):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode()


def test_a_large_file_is_edited_in_time():
    source = FORMATTED["template"] + "".join(
        f"\n\ndef f{i}():\n    return {i}\n" for i in range(3_000)
    )
    added = jobs_file.add(source, "report", EVERY_DAY)
    assert jobs_file.remove(added, "report") == source
