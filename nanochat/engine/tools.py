"""The calculator that a model can call. It parses; it never runs what the model wrote."""

import ast
import operator
import re
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction

LONGEST_EXPRESSION = 256
LONGEST_RESULT = 32
ROUNDING = Context(prec=10)

STRING = r""""[^"\\\n]*"|'[^'\\\n]*'"""
ALLOWED = re.compile(rf"(?:{STRING}|\.count|[0-9+\-*/%(). ])+")
# Strings match first, so that a comma inside one stays.
THOUSANDS_COMMA = re.compile(rf"({STRING})|(?<=[0-9]),(?=[0-9]{{3}}(?![0-9]))")

OPERATIONS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction | int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


def calculator(text: str) -> str | None:
    """The value of an arithmetic expression or of `"word".count("letter")`; None for all else."""
    if len(text) > LONGEST_EXPRESSION:
        return None
    text = THOUSANDS_COMMA.sub(lambda match: match[1] or "", text.strip())
    if not ALLOWED.fullmatch(text):
        return None
    try:
        result = write(evaluate(ast.parse(text, mode="eval").body))
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return None
    return result if len(result) <= LONGEST_RESULT else None


def evaluate(node: ast.expr) -> Fraction:
    """The exact value of a parsed expression. Raises ValueError where it is not arithmetic."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return Fraction(str(number))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -evaluate(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATIONS:
            return Fraction(OPERATIONS[type(op)](evaluate(left), evaluate(right)))
        case ast.Call(
            func=ast.Attribute(value=ast.Constant(value=str() as text), attr="count"),
            args=[ast.Constant(value=str() as part)],
            keywords=[],
        ):
            return Fraction(text.count(part))
    raise ValueError(f"{type(node).__name__} is not arithmetic")


def write(value: Fraction) -> str:
    """A whole number in full, any other to ten significant digits: 12, 3.5, 0.3333333333."""
    if value.denominator == 1:
        return str(value.numerator)
    quotient = ROUNDING.divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{quotient.normalize(ROUNDING):f}"
