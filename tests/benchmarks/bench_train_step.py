"""Training steps a second beside transformers' NanoChatForCausalLM, compiled, in bfloat16.

    python tests/benchmarks/bench_train_step.py                          # ours, the peer, the ratio
    python tests/benchmarks/bench_train_step.py --ours --switches none   # ours alone, in any shape

Both take whole steps, optimizer included, each in a process of its own, in turn: a machine's speed
drifts within a minute by more than the two differ, so a step is compared with the next one of the
other. Ours has Muon and AdamW, the peer has AdamW alone, which is the cheaper.
"""

import argparse
import multiprocessing
import time
from multiprocessing.connection import Connection
from statistics import median, quantiles

import torch

WARM_UP = 3
SWITCHES = {
    "residual_scales": True,
    "value_embeddings": True,
    "smear": True,
    "backout": True,
    "window_pattern": "SSSL",
    "qk_scale": 1.2,
}


def main() -> None:
    args = arguments()
    alone = "ours" if args.ours else "peer" if args.peer else None
    workers = {who: start(who, args) for who in ("ours", "peer") if alone in (None, who)}
    seconds = {who: [] for who in workers}
    for _ in range(WARM_UP + args.steps):
        for who, worker in workers.items():
            worker.send("step")
            seconds[who].append(worker.recv())
    for worker in workers.values():
        worker.send(None)
    for who, each in seconds.items():
        report(who, each, args.batch * args.length)
    if alone is None:
        pairs = zip(seconds["peer"][WARM_UP:], seconds["ours"][WARM_UP:], strict=True)
        low, middle, high = quantiles((peer / ours for peer, ours in pairs), n=4)
        print(
            f"ratio {middle:.2f}, half of the pairs from {low:.2f} to {high:.2f} (to reach: 1.30)"
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--attention", default="sdpa", help="the peer's: sdpa or eager")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--compile", default="on")
    parser.add_argument("--switches", default="none", help="none, all, or names with commas")
    sizes = {"depth": 4, "width": 256, "heads": 2, "length": 512, "vocab": 4096, "batch": 16}
    for name, value in (sizes | {"steps": 40}).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return parser.parse_args()


def start(who: str, args: argparse.Namespace) -> Connection:
    """A process that takes a step whenever it is told to, and answers how many seconds it took."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    context.Process(target=serve, args=(who, args, there), daemon=True).start()
    return here


def serve(who: str, args: argparse.Namespace, asked: Connection) -> None:
    step = our_step(args) if who == "ours" else peer_step(args)
    ids = torch.randint(0, args.vocab, (args.batch, args.length + 1))
    while asked.recv():
        began = time.perf_counter()
        step(ids[:, :-1], ids[:, 1:])
        asked.send(time.perf_counter() - began)


def report(who: str, seconds: list[float], tokens: int) -> None:
    middle, best = median(seconds[WARM_UP:]), min(seconds[WARM_UP:])
    print(
        f"{who}: first step {seconds[0]:.1f} s, then {middle:.3f} s ({tokens / middle:.0f} tokens "
        f"a second), the fastest {best:.3f} s ({tokens / best:.0f})"
    )


def shape(args: argparse.Namespace, **switches):
    """The classic model of the sizes given, with these switches on."""
    from nanochat.model import GPTConfig

    heads = {"n_head": args.heads, "n_kv_head": args.heads}
    sizes = {"sequence_len": args.length, "n_embd": args.width}
    return GPTConfig.classic(args.depth, args.vocab, **sizes, **heads, **switches)


def our_step(args: argparse.Namespace):
    from nanochat import optim
    from nanochat.model import GPT, compiled
    from nanochat.runtime import detect

    names = list(SWITCHES) if args.switches == "all" else args.switches.split(",")
    config = shape(args, **{name: SWITCHES[name] for name in names if name != "none"})
    runtime = detect(device="cpu", dtype=args.dtype, compile=args.compile)
    model = GPT(config, runtime.dtype)
    model.init_weights(torch.Generator().manual_seed(0))
    return stepper(compiled(model, runtime).loss, optim.build(model))


def peer_step(args: argparse.Namespace):
    from transformers import NanoChatConfig, NanoChatForCausalLM

    from nanochat.pipeline import huggingface

    settings = {"attn_implementation": args.attention, "use_cache": False}
    config = NanoChatConfig(**huggingface.their_config(shape(args)) | settings)
    model = NanoChatForCausalLM(config).to(getattr(torch, args.dtype))
    forward = torch.compile(model, dynamic=False, disable=args.compile == "off")
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    return stepper(lambda ids, targets: forward(input_ids=ids, labels=ids).loss, optimizer)


def stepper(loss, optimizer):
    def step(ids, targets):
        loss(ids, targets).backward()
        optimizer.step()
        optimizer.zero_grad()

    return step


if __name__ == "__main__":
    main()
