import pytest

from nanochat.tokenizer import Tokenizer

TEXT = (
    "Anna gave the red ball to Tom. Tom put the ball in the box near the house, and they laughed!\n"
    "How many apples? 3+4=7, so Anna has 7 apples.  Then\tshe'll count them again: 1234567.\n"
    "Größe, façade, Привет, 你好, مرحبا, 😀😀 👩‍👩‍👧 naïve café\r\n\r\n"
    "    def add(a, b):\n        return a + b\n"
)


@pytest.fixture(scope="session")
def tokenizer():
    return Tokenizer.train([TEXT] * 3, 420)
