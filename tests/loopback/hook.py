"""The pre-receive hook: hands the files of a push to the platform and repeats what it says."""

import json
import subprocess
import sys
import tempfile
import urllib.request

BRANCHES = ("refs/heads/main", "refs/heads/master")


def main() -> int:
    for line in sys.stdin:
        _, commit, ref = line.split()
        if ref not in BRANCHES:
            print("Pushed to non-main branch, skipping build.", flush=True)
        elif set(commit) != {"0"} and (code := build(commit)):
            return code
    return 0


def build(commit: str) -> int:
    folder = tempfile.mkdtemp(prefix="slug-") + "/app"
    # Here, and not in the platform: until this hook ends, only it can see the new commits.
    archive = subprocess.run(
        ["git", "archive", "--prefix=app/", commit], check=True, capture_output=True
    )
    target = folder.removesuffix("/app")
    subprocess.run(["tar", "-x", "-C", target], input=archive.stdout, check=True)
    print("Building source:\n", flush=True)
    body = json.dumps({"folder": folder, "commit": commit}).encode()
    last = "1"
    with urllib.request.urlopen(sys.argv[1], body) as reply:
        for line in reply:
            last = line.decode().rstrip("\n")
            if not last.isdigit():
                print(last, flush=True)
    return int(last)


if __name__ == "__main__":
    sys.exit(main())
