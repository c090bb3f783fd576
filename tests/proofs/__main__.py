"""`./run proofs [NAME]`: the full counts behind the claims. A proof already done at this commit is not done again; results/ is committed."""

import datetime
import importlib
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "fhir")]
UnfinishedError = importlib.import_module("tests.proofs._slices").UnfinishedError


def commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def run(name: str) -> None:
    """Every proof of one module that has no result of this commit yet."""
    path = HERE / "results" / f"{name}.json"
    kept = json.loads(path.read_text()) if path.exists() else {"machine": "2 shared x86-64 cores, Debian 12, Python 3.11", "proofs": []}
    for title, proof in importlib.import_module(f"tests.proofs.{name}").PROOFS.items():
        at = commit()
        if any(row["name"] == title and row["commit"] == at for row in kept["proofs"]):
            print(f"{name} {title}: done at {at}")
            continue
        try:
            figures = proof()
        except UnfinishedError as unfinished:
            print(f"{name} {title}: {unfinished}, run it again to go on", flush=True)
            continue
        row = {"name": title, "commit": at, "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "figures": figures}
        kept["proofs"] = [other for other in kept["proofs"] if other["name"] != title] + [row]
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        print(f"{name} {title}: {figures}", flush=True)


def main() -> int:
    names = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    wanted = sys.argv[1:] or names
    unknown = set(wanted) - set(names)
    if unknown:
        sys.stderr.write(f"no proofs named {', '.join(sorted(unknown))}; there are {', '.join(names)}\n")
        return 2
    for name in wanted:
        run(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
