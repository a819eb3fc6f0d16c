"""Expected failures as a person reads them and as the command line ends."""

import pytest

from core.errors import BoardError, ConfigurationError, DeltaDeskError, ExitCode, Next, Problem, StoreError
from core.redaction import MASK, remember_secret

FIRST = Problem("label_not_on_board", "The board has no label 'Cut & Sew'", "order AAG-1", "Add the label.")
SECOND = Problem("not_a_date", "'x' is not a date", "order AAG-2", "Correct the value.")


def test_a_problem_is_one_line_what_happened_to_what_and_what_to_do():
    assert str(FIRST) == "The board has no label 'Cut & Sew' (order AAG-1). Add the label."


def test_an_error_tells_all_its_problems_and_the_first_one_leads():
    error = DeltaDeskError(FIRST, SECOND)
    assert error.problem is FIRST
    assert list(error.problems) == [FIRST, SECOND]
    assert str(error).splitlines() == [str(FIRST), str(SECOND)]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError(FIRST), ExitCode.USAGE),
        (StoreError(FIRST), ExitCode.UNREACHABLE),
        (BoardError(FIRST), ExitCode.UNREACHABLE),
        (BoardError(FIRST, exit_code=ExitCode.USAGE), ExitCode.USAGE),
    ],
)
def test_each_kind_ends_the_command_in_its_own_way(error, code):
    assert error.exit_code is code
    assert error.next is Next.STOP


def test_exit_codes_are_the_documented_numbers():
    assert [int(code) for code in ExitCode] == [0, 1, 2, 3]


def test_a_problem_never_holds_a_secret():
    remember_secret("tk-51f0c2a9")
    problem = Problem("x", "refused tk-51f0c2a9", "mssql://sa:hunter2@sql/O", "Not tk-51f0c2a9.")
    assert (problem.title, problem.subject, problem.remedy) == (
        f"refused {MASK}",
        f"mssql://sa:{MASK}@sql/O",
        f"Not {MASK}.",
    )
    assert "tk-51f0c2a9" not in str(DeltaDeskError(problem)) + repr(problem)
