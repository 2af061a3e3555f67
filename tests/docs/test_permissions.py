"""docs/permissions.md is what the template grants."""

from __future__ import annotations

import pytest

from tests.assemblies import dr_template
from tools.permissions.__main__ import PAGE, page


@pytest.mark.proves("restore.permissions")
def test_the_page_is_what_the_template_grants() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(dr_template), "run `make docs`"
