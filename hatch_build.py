"""Build hook: the wheel and the sdist carry exactly what git tracks of the template."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TrackedFiles(BuildHookInterface[Any]):
    """Adds the bundle's files one by one: a folder would bring whatever lies in it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root) / "generator"))
        from herokuclock import bundle

        into = "herokuclock/_bundle/" if self.target_name == "wheel" else ""
        for path in bundle.files(Path(self.root)):
            build_data["force_include"][str(Path(self.root) / path)] = into + path
