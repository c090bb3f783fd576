"""Small faults put into a module one at a time: does any test notice? The tests run in a forked process that imports the faulty module."""

from __future__ import annotations

import ast
import contextlib
import importlib
import math
import os
import resource
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

ROOT = Path(__file__).parents[2]
OURS = ("kiosk", "kiosk_fhir", "drivers", "protocol", "simulators", "station", "ui", "tests")
#: plain asserts: pytest cannot rewrite what is imported already; no time-out or deadline, which a busy machine would take for a fault that is noticed
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "-o", "timeout=0", "--hypothesis-profile=ci")
#: a faulty module that hangs is noticed: after so many seconds of the processor, or so many times as long on the clock as without a fault
PATIENCE, WAITING = 30, 20
#: faults that are tried at a time
ABREAST = 2

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Mod: ast.Mult, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitXor: ast.BitAnd,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One fault: in which module, where, and what."""

    module: str
    line: int
    what: str
    code: ast.Module


class _Mutator(ast.NodeTransformer):
    """Changes the node with number `target` and leaves the others; `found` counts them all."""

    def __init__(self, target: int) -> None:
        self.target, self.found, self.did = target, -1, ""
        self.line = 0

    def _hit(self, node: ast.AST, what: str) -> bool:
        self.found += 1
        if self.found != self.target:
            return False
        self.did, self.line = what, getattr(node, "lineno", 0)
        return True

    def visit_If(self, node: ast.If) -> ast.AST:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return node
        self.generic_visit(node)
        if self._hit(node, "the condition is never true"):
            node.test = ast.copy_location(ast.Constant(False), node.test)
        elif self._hit(node, "the condition is always true"):
            node.test = ast.copy_location(ast.Constant(True), node.test)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        for at, operator in enumerate(node.ops):
            other = _COMPARE[type(operator)]
            if self._hit(node, f"{type(operator).__name__} becomes {other.__name__}"):
                node.ops[at] = other()
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        if self._hit(node, "and becomes or, or the other way round"):
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and self._hit(node, "not is left out"):
            return node.operand
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        other = _ARITHMETIC.get(type(node.op))
        if other is not None and self._hit(node, f"{type(node.op).__name__} becomes {other.__name__}"):
            node.op = other()
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool):
            if self._hit(node, f"{node.value} becomes {not node.value}"):
                return ast.copy_location(ast.Constant(not node.value), node)
        elif isinstance(node.value, int | float) and self._hit(node, f"{node.value} becomes {node.value + 1}"):
            return ast.copy_location(ast.Constant(node.value + 1), node)
        elif isinstance(node.value, bytes) and node.value and self._hit(node, "octets become others"):
            return ast.copy_location(ast.Constant(node.value + b"!"), node)
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.copy_location(ast.Pass(), node) if self._hit(node, "nothing is raised") else node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Constant) or _logs(node.value):
            return node
        if isinstance(node.value, ast.Call) and self._hit(node, "a call is left out"):
            return ast.copy_location(ast.Pass(), node)
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if node.name == "__repr__":
            return node
        node.args = self.visit(node.args)
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases):
            return node
        node.body = [self.visit(statement) for statement in node.body]
        return node


def _logs(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in {"_log", "log"}


def mutants(module: str) -> Iterator[Mutant]:
    """Every single fault of a module."""
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text()
    for target in range(100_000):
        mutator = _Mutator(target)
        tree = ast.fix_missing_locations(mutator.visit(ast.parse(source)))
        if not mutator.did:
            return
        yield Mutant(module, mutator.line, mutator.did, tree)


class _Faulty(MetaPathFinder, Loader):
    """Imports the faulty code in the place of the module's file."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self._mutant.module:
            return None
        origin = str(ROOT / f"{fullname.replace('.', '/')}.py")
        return ModuleSpec(fullname, self, origin=origin)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._mutant.code, str(module.__spec__ and module.__spec__.origin), "exec"), vars(module))  # noqa: S102  # our own source


def _quiet() -> None:
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)


def warm(tests: Sequence[str]) -> None:
    """Import now what the tests will import and is not ours, so that each fork begins with it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _quiet()
        tempfile.tempdir = "/dev/shm"
        status = pytest.main([*OPTIONS, *tests])
        names = [name for name in sys.modules if name.split(".")[0] not in OURS and not name.startswith(("test_", "__"))]
        os.write(write, "\n".join([str(int(status)), *names]).encode()[:60_000])
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        status, *names = told.read().split("\n")
    os.waitpid(child, 0)
    if status != "0":
        raise AssertionError(f"the tests fail without any fault: {tests}")
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def unfaulted(module: str, tests: Sequence[str]) -> float:
    """How long the tests take, in s, when the module is imported in this way without any fault.

    Raises:
        AssertionError: they do not pass: every fault would seem to be noticed.
    """
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text()
    began = time.monotonic()
    if not unnoticed([Mutant(module, 0, "", ast.parse(source))], tests, math.inf):
        raise AssertionError(f"the tests fail without any fault in {module}")
    return time.monotonic() - began


def unnoticed(faults: Sequence[Mutant], tests: Sequence[str], usual: float) -> list[Mutant]:
    """Those with which every one of the tests still passes; `usual` is how long they take without any."""
    waiting, running, survivors = list(reversed(faults)), dict[int, tuple[Mutant, float]](), []
    while waiting or running:
        while waiting and len(running) < ABREAST:
            mutant = waiting.pop()
            running[_start(mutant, tests)] = mutant, time.monotonic() + WAITING * usual
        time.sleep(0.02)
        for child, (mutant, until) in list(running.items()):
            if time.monotonic() > until:
                os.kill(child, signal.SIGKILL)
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                del running[child]
                survivors += [mutant] if status == 0 else []
    return survivors


def _start(mutant: Mutant, tests: Sequence[str]) -> int:
    """A process that imports the faulty module and runs the tests; it ends with 0 when they pass."""
    child = os.fork()
    if child:
        return child
    _quiet()
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + PATIENCE
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    tempfile.tempdir = "/dev/shm"  # what the tests sync goes to no disk
    sys.meta_path.insert(0, _Faulty(mutant))
    status = 1
    with contextlib.suppress(BaseException):
        status = int(pytest.main([*OPTIONS, *tests]))
    os._exit(1 if status else 0)
