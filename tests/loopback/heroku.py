"""The platform itself: what it holds, and what a build, a release or a change sets going."""

import contextlib
import json
import shutil
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path

from loopback import build, git
from loopback.buildpack import BuildError
from loopback.dynos import Dynos
from loopback.failures import NO_APP, Failure, Refusal
from loopback.postgres import Postgres
from loopback.router import Router
from loopback.state import Account, AddOn, App, Process, Release, Slug, new_id
from loopback.web import Request, Server

REJECTED = (" !     Push rejected, failed to compile Python app.", "", " !     Push failed")
KEY = "HRKU-loopback-0123456789abcdef"


class Heroku:
    """A Heroku under `root`. With `environment` builds take that one instead of making one."""

    def __init__(
        self, root: Path, postgres: Postgres | None = None, environment: Path | None = None
    ) -> None:
        self.root, self.postgres, self.environment = root, postgres, environment
        self.key = KEY
        self.account = Account()
        self.apps: dict[str, App] = {}
        self.dynos: dict[str, Dynos] = {}
        self.routers: dict[str, Router] = {}
        self.taken: set[str] = set()
        self.logs: dict[str, list[str]] = {}
        self.failures: list[Failure] = []
        self.requests: list[Request] = []
        self.mistakes: list[str] = []
        self.provisioning_seconds = 0.5
        self.lock = threading.RLock()
        self.timers: list[threading.Timer] = []
        root.mkdir(parents=True, exist_ok=True)
        self.api = Server(self)
        self.git = Server(self, git.certificate(root))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.api.port}"

    def fail(
        self,
        method: str,
        path: str,
        refusal: Refusal | None,
        times: int = 1,
        after: bool = False,
    ) -> Failure:
        """Let the next requests that match fail; see Failure."""
        failure = Failure(method, path, refusal, times, after)
        self.failures.append(failure)
        return failure

    def hold(self, method: str, path: str, *, lost: bool = False) -> Failure:
        """Hold the next request that matches."""
        failure = Failure(method, path, None, pause=True, lost=lost)
        self.failures.append(failure)
        return failure

    def mutations(self) -> list[Request]:
        """The requests so far that may have changed something."""
        return [request for request in self.requests if request.is_mutating]

    def app(self, name: str) -> App:
        """Return the app of this name or id."""
        for app in self.apps.values():
            if name in (app.name, app.id):
                return app
        raise NO_APP

    def create(self, app: App) -> App:
        """Add an app, with its repository, its address and its first two releases."""
        self.apps[app.name] = app
        self.dynos[app.name] = Dynos(app)
        self.routers[app.name] = Router(self.dynos[app.name])
        app.web_url = f"http://127.0.0.1:{self.routers[app.name].port}/"
        git.make_repository(self.repository(app.name), f"{self.url}/-/builds/{app.name}")
        self.release(app, "Initial release")
        self.release(app, "Enable Logplex")
        return app

    def repository(self, name: str) -> Path:
        return self.root / "git" / f"{name}.git"

    def destroy(self, app: App) -> None:
        self.dynos.pop(app.name).close()
        self.routers.pop(app.name).close()
        # Not removed yet: a push whose client has gone may still write to it.
        self.repository(app.name).rename(self.root / f"{app.id}.git")
        del self.apps[app.name]

    def release(self, app: App, description: str, slug: Slug | None = None) -> Release:
        """Make a release; its dynos follow as soon as its release phase, if any, is done."""
        built = slug or app.slug
        release = Release(len(app.releases) + 1, description, built, dict(app.config))
        if built and "release" in built.processes:
            release.status = "pending"
        app.releases.append(release)
        if slug:
            app.say("app[api]", f"{description} by user {self.account.email}")
        app.say("app[api]", f"Release v{release.version} created by user {self.account.email}")
        threading.Thread(target=self._launch, args=(app, release), daemon=True).start()
        return release

    def _launch(self, app: App, release: Release) -> None:
        if release.status == "pending":
            dyno = self.dynos[app.name].run(release.slug.processes["release"], {}, "release")  # type: ignore[union-attr]
            dyno.ended.wait()
            code = dyno.process.returncode if dyno.process else 1
            release.status = "failed" if code else "succeeded"
        if app.current is release and app.name in self.dynos:
            self.dynos[app.name].reconcile()

    def change_config(self, app: App, changes: dict[str, str | None]) -> None:
        """Set and remove config vars; a change makes a release, and so restarts every dyno."""
        before = dict(app.config)
        app.config = {k: v for k, v in {**app.config, **changes}.items() if v is not None}
        if app.config != before:
            self.release(app, f"Set {', '.join(changes)} config vars")

    def add(
        self, app: App, plan: str, attachment: str | None = None, name: str | None = None
    ) -> AddOn:
        """Begin to provision an add-on; its name is the only one in all of Heroku."""
        known = {addon.name for each in self.apps.values() for addon in each.addons}
        if name in known:
            raise Refusal(422, "invalid_params", "Add-on name is already taken")
        kind = "DATABASE" if plan.startswith("heroku-postgresql") else "ADDON"
        taken = {addon.attachment for addon in app.addons}
        label = attachment or (kind if kind not in taken else f"{kind}_{len(taken)}")
        name = name or f"{plan.partition(':')[0].removeprefix('heroku-')}-cubic-{len(known):05}"
        url = self.postgres.create() if self.postgres else f"postgres://u:{new_id()}@127.0.0.1:9/d"
        addon = AddOn(name, plan, label, url)
        app.addons.append(addon)
        self.provision(app, addon, self.provisioning_seconds)
        return addon

    def provision(self, app: App, addon: AddOn, seconds: float) -> None:
        """Let an add-on take so long from now on to be ready."""
        for timer in self.timers:
            if timer.args == (app, addon):
                timer.cancel()
        addon.state = "provisioning"
        app.config.pop(addon.variable, None)
        timer = threading.Timer(seconds, self._provisioned, (app, addon))
        timer.daemon = True
        self.timers.append(timer)
        timer.start()

    def _provisioned(self, app: App, addon: AddOn) -> None:
        with self.lock:
            if addon in app.addons and addon.state != "provisioned":
                addon.state = "provisioned"
                app.config[addon.variable] = addon.url
                self.release(app, f"Attach {addon.attachment} (@ref:{addon.name})")

    def build(self, app: App, folder: Path, commit: str, say: Callable[[str], None]) -> int:
        """Build and release a commit; return the exit code of the push."""
        try:
            slug = build.build(app, folder, commit, self.environment, say)
        except BuildError as error:
            for line in ("", f" !     Error: {error}", "", *REJECTED):
                say(line)
            return 1
        with self.lock:
            self._form(app, slug)
            release = self.release(app, f"Deploy {commit[:8]}", slug)
        say("-----> Launching...")
        say(f"       Released v{release.version}")
        say(f"       {app.web_url} deployed to Heroku")
        say("")
        say("Verifying deploy... done.")
        return 0

    def _form(self, app: App, slug: Slug) -> None:
        """Let the formation have the types of the Procfile; at first one web and no others."""
        first = app.slug is None
        size = "Eco" if app.tier == "eco" else "Basic"
        for type, command in slug.processes.items():
            known = app.formation.get(type)
            quantity = known.quantity if known else int(first and type == "web")
            app.formation[type] = Process(type, command, quantity, known.size if known else size)
        for gone in set(app.formation) - set(slug.processes):
            del app.formation[gone]

    def log_session(self, app: App, lines: int, dyno: str | None, source: str | None) -> str:
        """Keep what a log session shall show; return its id."""
        wanted = list(app.log)
        if dyno:
            wanted = [line for line in wanted if f"[{dyno}]" in line or f"[{dyno}." in line]
        if source:
            wanted = [line for line in wanted if line.partition(" ")[2].startswith(source)]
        id = new_id()
        self.logs[id] = wanted[-lines:]
        return id

    def get(self, app: App, path: str = "/") -> str:
        """Fetch a page of the app, as a visitor."""
        with urllib.request.urlopen(app.web_url.rstrip("/") + path, timeout=30) as reply:
            return str(reply.read().decode())

    def describe(self, app: App) -> str:
        """The app's log, for a test that failed."""
        return "\n".join(app.log)

    def close(self) -> None:
        """Stop everything; raise if the platform ever sent what Heroku could not have sent."""
        for timer in self.timers:
            timer.cancel()
        for dynos in self.dynos.values():
            dynos.close()
        for router in self.routers.values():
            router.close()
        self.api.close()
        self.git.close()
        with contextlib.suppress(OSError):
            shutil.rmtree(self.root)
        assert not self.mistakes, json.dumps(self.mistakes, indent=2)
