"""Build hooks: what git tracks of the template, the library's wheel, and the library's version."""

import runpy
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.wheel import WheelBuilder
from hatchling.metadata.plugin.interface import MetadataHookInterface

BUNDLE = "herokuclock/_bundle/"


class Bundle(BuildHookInterface[Any]):
    """Adds the bundle's files one by one: a folder would bring whatever lies in it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        root = Path(self.root)
        sys.path[:0] = [str(root / "generator"), str(root / "library")]
        from herokuclock.new import bundle

        into = BUNDLE if self.target_name == "wheel" else ""
        for path in bundle.files(root):
            build_data["force_include"][str(root / path)] = into + path
        if self.target_name == "wheel":
            build_data["force_include"][str(root / "CHANGELOG.md")] = f"{BUNDLE}CHANGELOG.md"
            self._folder = tempfile.TemporaryDirectory()
            builder = WheelBuilder(str(root / "library"))
            (made,) = builder.build(directory=self._folder.name, versions=["standard"])
            build_data["force_include"][made] = f"{BUNDLE}vendor/{Path(made).name}"


class SameVersion(MetadataHookInterface):
    """Asks for the very library that lies beside the tool: no index can have that version."""

    def update(self, metadata: dict[str, Any]) -> None:
        version = runpy.run_path(str(Path(self.root) / "library" / "version.py"))["__version__"]
        metadata["dependencies"] = [*self.config["dependencies"], f"clockdyno=={version}"]
