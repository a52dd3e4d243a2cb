"""Small mistakes in Python: what a tired author might have written, found by the syntax tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from tools.mutants.mutant import Mutant

_COMPARISONS: dict[type[ast.cmpop], tuple[bytes, bytes]] = {
    ast.Lt: (b"<", b"<="), ast.LtE: (b"<=", b"<"), ast.Gt: (b">", b">="), ast.GtE: (b">=", b">"),
    ast.Eq: (b"==", b"!="), ast.NotEq: (b"!=", b"=="), ast.Is: (b"is", b"is not"), ast.IsNot: (b"is not", b"is"),
    ast.In: (b"in", b"not in"), ast.NotIn: (b"not in", b"in"),
}  # fmt: skip
_SUMS: dict[type[ast.operator], tuple[bytes, bytes]] = {
    ast.Add: (b"+", b"-"), ast.Sub: (b"-", b"+"), ast.Mult: (b"*", b"//"), ast.FloorDiv: (b"//", b"*"),
    ast.BitOr: (b"|", b"&"), ast.BitAnd: (b"&", b"|"),
}  # fmt: skip
_CALLS = {"min": b"max", "max": b"min", "any": b"all", "all": b"any"}
_LINKS = {"select_for_update", "order_by", "exclude"}  # what a query is the same without, nearly always
_DECIDED = (ast.Compare, ast.BoolOp, ast.UnaryOp)  # these have mistakes of their own
_LOGS = ("log_event", "_log.")
_TYPES_ONLY = {"cast", "isinstance", "TypeVar"}

_Found = Iterator[tuple[ast.AST, int, int, bytes, str]]  # where, from, to, what instead, which kind


def mutants_of(path: str, source: bytes) -> list[Mutant]:
    """Return all of a file's, in the order of their places. Not each needs to be Python."""
    return sorted(set(_Finder(path, source).of_module(ast.parse(source))))


class _Finder:
    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.source = source
        self.lines = [0]
        for line in source.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))

    def of_module(self, module: ast.Module) -> Iterator[Mutant]:
        for statement in module.body:
            yield from self._of_statement(statement, name="")

    def _of_statement(self, statement: ast.stmt, name: str) -> Iterator[Mutant]:
        """Go into what is run; `name` is what stands for it, where that is when the module is imported."""
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                ends = statement.body[0].lineno, statement.end_lineno or 0
                for default in [*statement.args.defaults, *filter(None, statement.args.kw_defaults)]:
                    yield from self._mutants(self._in_expression(default), *ends, "")
                returns = statement.returns is not None and ast.unparse(statement.returns) != "None"
                for inner in statement.body:
                    yield from self._of_body(inner, returns=returns)
            case ast.ClassDef():
                for inner in statement.body:
                    yield from self._of_statement(inner, statement.name)
            case (
                ast.Assign(targets=[ast.Name(id=target)], value=value)
                | ast.AnnAssign(target=ast.Name(id=target), value=ast.expr() as value)
            ):
                yield from self._mutants(self._in_expression(value), statement.lineno, 0, name or target)

    def _of_body(self, statement: ast.stmt, *, returns: bool) -> Iterator[Mutant]:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from self._of_statement(statement, "")
            return
        first = statement.lineno
        header = [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.expr | ast.withitem)]
        last = max((self._last_line(node) for node in header), default=first)
        if not any(isinstance(node, ast.stmt) for node in ast.iter_child_nodes(statement)):
            last = statement.end_lineno or first
        yield from self._mutants(self._in_statement(statement, returns=returns), first, last, "")
        for node in ast.iter_child_nodes(statement):
            yield from self._of_parts(node, returns=returns)

    def _of_parts(self, node: ast.AST, *, returns: bool) -> Iterator[Mutant]:
        match node:
            case ast.stmt():
                yield from self._of_body(node, returns=returns)
            case ast.excepthandler() | ast.match_case():
                if isinstance(node, ast.match_case) and node.guard:
                    ends = node.guard.lineno, node.guard.end_lineno or 0
                    yield from self._mutants(self._in_condition(node.guard), *ends, "")
                for inner in ast.iter_child_nodes(node):
                    yield from self._of_parts(inner, returns=returns)

    def _mutants(self, found: _Found, first: int, last: int, name: str) -> Iterator[Mutant]:
        for node, start, end, new, kind in found:
            line = getattr(node, "lineno", first)
            yield Mutant(self.path, start, end, new, kind, line, first, last, name)

    def _in_statement(self, statement: ast.stmt, *, returns: bool) -> _Found:
        start, end = self._span(statement)
        match statement:
            case _ if _changes_nothing(statement):
                return
            case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise() | ast.Delete() | ast.AugAssign():
                yield statement, start, end, b"pass", "statement"
            case ast.Return(value=None):
                yield statement, start, end, b"pass", "statement"
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
                yield statement, start, end, b"pass", "statement"
            case ast.Return(value=ast.expr() as value) if returns and not isinstance(value, (*_DECIDED, ast.Constant)):
                yield statement, start, end, b"return None", "return"
            case ast.If(test=test) | ast.While(test=test):
                yield from self._in_condition(test)
                return
        for node in ast.iter_child_nodes(statement):
            if isinstance(node, ast.expr) and node is not getattr(statement, "annotation", None):
                yield from self._in_expression(node)
            elif isinstance(node, ast.withitem):
                yield from self._in_expression(node.context_expr)

    def _in_condition(self, test: ast.expr) -> _Found:
        if not isinstance(test, _DECIDED):
            start, end = self._span(test)
            yield test, start, end, b"not (" + self.source[start:end] + b")", "branch"
        yield from self._in_expression(test)

    def _in_expression(self, node: ast.expr) -> _Found:
        if not isinstance(node, ast.JoinedStr):
            yield from self._of_value(node)
            yield from self._of_operator(node)
            for child in _run(node):
                yield from self._in_expression(child)

    def _of_value(self, node: ast.expr) -> _Found:
        match node:
            case ast.Constant(value=bool() as value):
                yield node, *self._span(node), str(not value).encode(), "constant"
            case ast.Constant(value=int() | float() as number):
                # One more than a thousand is a thousand to everybody.
                yield node, *self._span(node), str(number + 1 if number < 1000 else number * 2).encode(), "constant"
            case ast.IfExp(test=test) if not isinstance(test, _DECIDED):
                start, end = self._span(test)
                yield test, start, end, b"not (" + self.source[start:end] + b")", "branch"
            case ast.Call():
                yield from self._in_call(node)

    def _of_operator(self, node: ast.expr) -> _Found:
        match node:
            case ast.Compare(left=left, ops=ops, comparators=others):
                for before, operator, after in zip([left, *others], ops, others, strict=False):
                    yield from self._swapped(node, before, after, _COMPARISONS.get(type(operator)), "comparison")
            case ast.BoolOp(op=word, values=values):
                words, neutral = (
                    ((b"and", b"or"), b"True") if isinstance(word, ast.And) else ((b"or", b"and"), b"False")
                )
                for before, after in pairwise(values):
                    yield from self._swapped(node, before, after, words, "and/or")
                for part in values:
                    yield part, *self._span(part), neutral, "condition"
            case ast.UnaryOp(op=ast.Not()):
                start, end = self._span(node)
                yield node, start, end, self.source[start + len(b"not") : end].lstrip(), "not"
            case ast.BinOp(left=left, op=sign, right=right) if not _is_text(left) and not _is_text(right):
                yield from self._swapped(node, left, right, _SUMS.get(type(sign)), "sum")

    def _in_call(self, call: ast.Call) -> _Found:
        if isinstance(call.func, ast.Name) and (other := _CALLS.get(call.func.id)):
            yield call.func, *self._span(call.func), other, "call"
        if isinstance(call.func, ast.Attribute) and call.func.attr in _LINKS:
            yield call, self._span(call.func.value)[1], self._span(call)[1], b"", "link"
        for keyword in call.keywords:
            if keyword.arg is not None:
                yield keyword, *self._with_comma(*self._span(keyword)), b"", "argument"

    def _swapped(
        self, node: ast.AST, before: ast.expr, after: ast.expr, words: tuple[bytes, bytes] | None, kind: str
    ) -> _Found:
        if words is None:
            return
        gap, stop = self._span(before)[1], self._span(after)[0]
        pattern = re.escape(words[0]).replace(rb"\ ", rb"\s+")
        if found := re.search(pattern, self.source[gap:stop]):
            yield node, gap + found.start(), gap + found.end(), words[1], kind

    def _with_comma(self, start: int, end: int) -> tuple[int, int]:
        """Return a span with one of the commas around it."""
        if after := re.match(rb"\s*,\s*", self.source[end:]):
            return start, end + after.end()
        head = self.source[:start].rstrip()
        return (len(head) - 1 if head.endswith(b",") else start), end

    def _span(self, node: ast.AST) -> tuple[int, int]:
        place = node if isinstance(node, ast.expr | ast.stmt | ast.keyword) else None
        assert place is not None  # noqa: S101 - nothing else is asked for
        start = self.lines[place.lineno - 1] + place.col_offset
        return start, self.lines[(place.end_lineno or 0) - 1] + (place.end_col_offset or 0)

    def _last_line(self, node: ast.expr | ast.withitem) -> int:
        place = node.context_expr if isinstance(node, ast.withitem) else node
        return place.end_lineno or place.lineno


def _changes_nothing(statement: ast.stmt) -> bool:
    """Return whether a statement is for readers: of the code, or of the log."""
    match statement:
        case ast.Expr(value=ast.Constant()) | ast.Assert() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Call(func=func)):
            return ast.unparse(func).startswith(_LOGS)
    return False


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _run(node: ast.expr) -> Iterator[ast.expr]:
    """Return the parts of an expression that are run and aren't just types."""
    children = [node.body] if isinstance(node, ast.Lambda) else list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _TYPES_ONLY:
        children = list(node.args[1:] if node.func.id == "cast" else node.args[:1])
    for child in children:
        if isinstance(child, ast.keyword):
            yield child.value
        elif isinstance(child, ast.comprehension):
            yield from (child.iter, *child.ifs)
        elif isinstance(child, ast.expr):
            yield child
