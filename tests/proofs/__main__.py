"""`./run proofs [--seconds N] [NAME ...]`: the full counts behind the claims.

A proof already done at this commit is not done again; results/ is committed. With `--seconds` no new slice of a long proof is begun after that
time, and the exit status 75 says that there is more to do: the next run goes on.
"""

import argparse
import datetime
import importlib
import json
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:1] = [str(ROOT), str(ROOT / "fhir")]  # not this folder: its fhir.py is not the package fhir
UNFINISHED = 75


def commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def run(name: str, until: float) -> bool:
    """Every proof of one module that has no result of this commit yet; False when the time was over first."""
    from tests.proofs._sliced import Sliced

    path = HERE / "results" / f"{name}.json"
    kept = json.loads(path.read_text()) if path.exists() else {"machine": "2 shared x86-64 cores, Debian 12, Python 3.11", "proofs": []}
    for title, proof in importlib.import_module(f"tests.proofs.{name}").PROOFS.items():
        at = commit()
        if any(row["name"] == title and row["commit"] == at for row in kept["proofs"]):
            print(f"{name} {title}: done at {at}")
            continue
        unfinished = HERE / "results" / f"{name}-{title}.unfinished"
        figures = proof.resume(unfinished, at, until) if isinstance(proof, Sliced) else proof() if time.monotonic() < until else None
        if figures is None:
            print(f"{name} {title}: not finished, run it again", flush=True)
            return False
        row = {"name": title, "commit": at, "date": datetime.datetime.now(datetime.UTC).date().isoformat(), "figures": figures}
        kept["proofs"] = [other for other in kept["proofs"] if other["name"] != title] + [row]
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        print(f"{name} {title}: {figures}", flush=True)
    return True


def main() -> int:
    names = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    parser = argparse.ArgumentParser(prog="./run proofs")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    wanted = arguments.names or names
    unknown = set(wanted) - set(names)
    if unknown:
        sys.stderr.write(f"no proofs named {', '.join(sorted(unknown))}; there are {', '.join(names)}\n")
        return 2
    until = time.monotonic() + arguments.seconds
    return 0 if all(run(name, until) for name in wanted) else UNFINISHED


if __name__ == "__main__":
    sys.exit(main())
