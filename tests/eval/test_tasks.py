import pytest
import torch

from nanochat.data import world
from nanochat.engine import Engine, Reply, SamplingConfig
from nanochat.eval import choice_by_likelihood, likeliest, run_tasks, score
from nanochat.eval.choice import letter_options, text_options
from nanochat.eval.tasks import TaskScore, answer
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import Runtime, UserError
from nanochat.tokenizer import Tokenizer, conversation, render

TOKENIZER = Tokenizer.from_merges([])
SHAPE = GPTConfig(TOKENIZER.vocab_size, 512, n_layer=2, n_head=2, n_kv_head=2, n_embd=32)
CPU = Runtime(torch.device("cpu"), torch.float32, compile=False, peak_flops=1e12)


def lively(seed: int = 1) -> GPT:
    model = GPT(SHAPE)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            spread = 0.5 if weight.dim() < 2 else weight.size(1) ** -0.5
            weight.copy_(spread * torch.randn(weight.shape, generator=generator))
    return model


def questions(*tasks: str, n: int = 3) -> list[world.Question]:
    return [world.question(task, 0, i) for task in tasks for i in range(n)]


class Pupil(Engine):
    """An engine that knows the solution of every question, and gives some of them."""

    tokenizer = TOKENIZER

    def __init__(self, asked: list[world.Question], gives):
        self.solutions = {}
        for number, question in enumerate(asked):
            prompt = conversation.prompt(TOKENIZER, question.conversation)
            ids = render(TOKENIZER, question.solution).ids[len(prompt) :]
            self.solutions[str(prompt)] = gives(number, ids)

    def generate(self, prompts, config, samples_per_prompt=1, tools=True):
        return [
            Reply(i, ids, [True] * len(ids), [0.0] * len(ids), reason)
            for i, (ids, reason) in enumerate(self.solutions[str(prompt)] for prompt in prompts)
        ]


def test_solutions_are_correct():
    asked = questions(*world.TASKS)
    answers = answer(Pupil(asked, lambda number, ids: (ids, "end")), asked)
    assert score(answers) == {task: TaskScore(3, 3) for task in world.TASKS}


def test_a_reply_cut_short_is_not_correct():
    asked = questions(*world.TASKS)
    answers = answer(Pupil(asked, lambda number, ids: (ids[:-1], "length")), asked)
    assert score(answers) == {task: TaskScore(0, 3) for task in world.TASKS}
    assert not any(each.finished for each in answers)


def test_each_question_gets_its_own_mark():
    asked = questions("facts", "spelling", n=4)
    wrong = TOKENIZER.encode("I do not know.") + [TOKENIZER.special["<|assistant_end|>"]]
    pupil = Pupil(asked, lambda number, ids: (ids if number % 4 == 2 else wrong, "end"))
    answers = answer(pupil, asked)
    assert [each.correct for each in answers] == [False, False, True, False] * 2
    assert [each.question for each in answers] == asked
    assert answers[0].reply.visible == "I do not know."


def test_run_tasks_asks_the_model():
    engine = Engine(lively(), TOKENIZER, CPU)
    brief = SamplingConfig(max_tokens=8, temperature=0)
    scores = run_tasks(engine, ("facts", "word_problems"), 2, config=brief)
    assert scores == {"facts": TaskScore(0, 2), "word_problems": TaskScore(0, 2)}
    assert scores["facts"].accuracy == 0
    assert 0 == scores["facts"].low < scores["facts"].high < 1


def test_a_task_that_does_not_exist():
    with pytest.raises(UserError, match="'fact' is unknown"):
        run_tasks(Engine(lively(), TOKENIZER, CPU), ["fact"], 1)


@torch.no_grad()
def nats_by_hand(model: GPT, prompt: list[int], choice: list[int]) -> list[float]:
    nats = []
    for i, token in enumerate(choice):
        scores = model.logits(model(torch.tensor([prompt + choice[:i]])))[0, -1]
        nats.append(-scores.log_softmax(-1)[token].item())
    return nats


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_the_likeliest_choice_by_hand(reduce):
    model = lively()
    words = ["red", "tan", "sky", "blue"]
    options = [
        (TOKENIZER.encode(prompt), [TOKENIZER.encode(word) for word in words[: 2 + i % 3]])
        for i, prompt in enumerate(["a", "the sky is", "grass?", "what then", "x", "so"])
    ]
    expected = []
    for prompt, choices in options:
        nats = [nats_by_hand(model, prompt, choice) for choice in choices]
        costs = [sum(n) / (1 if reduce == "sum" else len(n)) for n in nats]
        expected.append(costs.index(min(costs)))
    assert likeliest(model, options, reduce) == expected
    assert len(set(expected)) > 1


def test_sum_and_mean_can_differ():
    model, options = GPT(SHAPE), [([1], [[5, 5, 5], [5]]), ([1], [[7], [7, 7]])]
    # All tokens cost the same, so that the sum prefers what is short and the mean has a tie.
    assert likeliest(model, options, "sum") == [1, 0]
    assert likeliest(model, options, "mean") == [0, 0]


def test_options_in_text_and_in_letters():
    [question] = questions("facts", n=1)
    prompt, choices = text_options(TOKENIZER, question)
    right = question.choices.index(question.answer)
    assert prompt + choices[right] == render(TOKENIZER, question.solution).ids
    prompt, letters = letter_options(TOKENIZER, question)
    assert [TOKENIZER.decode(letter) for letter in letters] == list("ABCD")
    text = TOKENIZER.decode(prompt)
    assert all(f"\n- {c}={x}" in text for c, x in zip(question.choices, "ABCD", strict=True))


@pytest.mark.parametrize("by", ["text", "letter"])
def test_choice_by_likelihood_marks_each_question(by):
    model, asked = lively(), questions("facts", n=8)
    options = {"text": text_options, "letter": letter_options}[by]
    chosen = likeliest(model, [options(TOKENIZER, question) for question in asked])
    expected = [q.choices[i] == q.answer for q, i in zip(asked, chosen, strict=True)]
    assert choice_by_likelihood(model, TOKENIZER, asked, by=by) == expected
