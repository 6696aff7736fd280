"""Code as mutmut can mutate it: decorators applied below their functions, wording out of reach.

mutmut passes over decorated functions, and would alter the letters of every message. It mutates
no text in triple quotes.
"""

import libcst as cst
import libcst.matchers as m

MESSAGE = m.Raise() | m.Call(func=m.Attribute(value=m.Name("log") | m.Name("logger")))
MUTATED_AS_IT_IS = [m.Decorator(decorator=m.Name("staticmethod") | m.Name("classmethod"))]

Statements = cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]


def prepare(code: str) -> str:
    """Return ``code`` that does the same and lets mutmut at all but its wording."""
    return cst.parse_module(code).visit(_Preparation()).code


class _Preparation(m.MatcherDecoratableTransformer):
    @m.call_if_inside(MESSAGE)
    @m.leave(m.SimpleString())
    def keep_messages(self, _: cst.SimpleString, text: cst.SimpleString) -> cst.SimpleString:
        return _in_triple_quotes(text)

    @m.leave(m.SimpleString())
    def keep_sentences(self, _: cst.SimpleString, text: cst.SimpleString) -> cst.SimpleString:
        return _in_triple_quotes(text) if " " in text.raw_value.strip() else text

    @m.leave(m.FunctionDef())
    def apply_decorators(self, _: cst.FunctionDef, function: cst.FunctionDef):  # type: ignore[no-untyped-def]
        # No annotation: libcst compares it with its own, and takes no union of two.
        return _with_decorators_applied(function)


def _with_decorators_applied(function: cst.FunctionDef) -> Statements:
    """Return ``function``, and ``name = decorator(name)`` after it."""
    decorators, name = function.decorators, function.name
    if not decorators or m.matches(function, m.FunctionDef(decorators=MUTATED_AS_IT_IS)):
        return function
    decorated: cst.BaseExpression = name
    for decorator in reversed(decorators):
        decorated = cst.Call(func=decorator.decorator, args=[cst.Arg(decorated)])
    binding = cst.Assign([cst.AssignTarget(name)], decorated)
    return cst.FlattenSentinel(
        [function.with_changes(decorators=[]), cst.SimpleStatementLine([binding])]
    )


def _in_triple_quotes(text: cst.SimpleString) -> cst.SimpleString:
    """Return the same text in triple quotes, unless it ends with a quote or has them already."""
    quote = text.quote
    if len(quote) > 1 or text.raw_value.endswith(quote):
        return text
    return text.with_changes(value=f"{text.prefix}{quote * 3}{text.raw_value}{quote * 3}")
