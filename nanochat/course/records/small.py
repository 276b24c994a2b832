"""What the records of chapters 5 and 8 train on: the tiny world, short rows, one recipe."""

import itertools

from nanochat import optim
from nanochat.data import EncodeText, Loader, WorldDocuments, world
from nanochat.eval import bits_per_byte, floor_bits_per_byte
from nanochat.model import GPT
from nanochat.optim import OptimConfig
from nanochat.runtime import generator
from nanochat.tokenizer import Tokenizer
from nanochat.train import schedule
from nanochat.train.schedule import Schedule

ROWS, LENGTH, VOCAB = 4, 384, 1024


class Small:
    """The text, the tokenizer, the floor, and a run of any model on them."""

    def __init__(self):
        texts = [world.document(0, index).text for index in range(400)]
        self.tokenizer = Tokenizer.train(texts, vocab_size=VOCAB)
        held_out = [world.document(0, index, "val") for index in range(200)]
        self.held_out = [document.text for document in held_out]
        self.floor = floor_bits_per_byte(held_out)

    def run(self, config, tokens, seed=0, rate=2.0):
        """What a held-out byte costs a model after a whole run, in bits."""
        return self.cost(self.train(config, tokens, seed, rate))

    def train(self, config, tokens, seed=0, rate=2.0):
        """A model that has read so many tokens, in a run made for that many."""
        model, steps = GPT(config), tokens // (ROWS * LENGTH)
        model.init_weights(generator(seed, "weights"))
        optimizer = optim.build(model, OptimConfig(weight_decay=0.05), lr_scale=rate)
        plan = Schedule(steps, warmup=20, momentum_warmup=100)
        for step, batch in enumerate(self.batches(steps, seed)):
            schedule.apply(plan, optimizer, step)
            model.loss(batch.inputs, batch.targets).backward()
            optimizer.step()
            optimizer.zero_grad()
        return model

    def cost(self, model):
        """What a held-out byte costs a model, in bits."""
        return bits_per_byte(model, self.tokenizer, self.held_out).strict

    def batches(self, steps, seed):
        """Rows of text, in an order of the seed's own."""
        encode, bos = EncodeText(self.tokenizer), self.tokenizer.bos_id
        loader = Loader(WorldDocuments(0, "train"), encode, ROWS, LENGTH, bos, seed=seed)
        return itertools.islice(loader.batches(), steps)
