"""Which planted faults change words alone, so that no test need notice them: `scripts/mutants.py` leaves them out."""

from __future__ import annotations

import ast

_WORDS = ast.Constant("some words")


def differ_alone(before: str, after: str) -> bool:
    """Whether a mutant changes nothing but words: a literal with a space in it, a `message`, the type that a `cast` names."""
    return _without_words(before) == _without_words(after)


def _without_words(text: str) -> str:
    text = text.lstrip("\n")
    tree = ast.parse(f"class _:\n{text}" if text.startswith(" ") else text)
    return ast.dump(_Wordless().visit(tree))


class _Wordless(ast.NodeTransformer):
    """Words give way to one word that is always the same."""

    def __init__(self) -> None:
        self._raised = 0

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        self._raised += 1
        self.generic_visit(node)
        self._raised -= 1
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        sentence = isinstance(node.value, str) and " " in node.value
        return _WORDS if sentence or (self._raised and node.value is None) else node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return _WORDS if self._raised and node.id == "message" else node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        if ast.unparse(node.targets[0]) == "message":
            node.value = _WORDS
        return self.generic_visit(node)

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        if node.arg == "message":
            node.value = _WORDS
        return self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        return _WORDS if self._raised else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.unparse(node.func) == "cast":
            node.args[:1] = [_WORDS]
        return self.generic_visit(node)
