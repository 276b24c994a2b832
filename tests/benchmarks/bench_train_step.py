"""Training steps a second beside transformers' NanoChatForCausalLM, compiled, in bfloat16.

    python tests/benchmarks/bench_train_step.py                          # ours, the peer, the ratio
    python tests/benchmarks/bench_train_step.py --ours --switches none   # ours alone, in any shape

Both take whole steps, optimizer included, each in a process of its own, in turn, three times. Ours
has Muon and AdamW, the peer has AdamW alone, which is the cheaper.
"""

import argparse
import subprocess
import sys
import time
from statistics import median

import torch

ROUNDS = 3
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
    if args.ours or args.peer:
        return print(f"{rate(our_step(args) if args.ours else peer_step(args), args):.0f}")
    ratios = []
    for _ in range(ROUNDS):
        ours, peer = run_alone("--ours"), run_alone("--peer")
        ratios.append(ours / peer)
        print(f"ours {ours:.0f} tokens/s, peer {peer:.0f} tokens/s, ratio {ratios[-1]:.2f}")
    print(f"median of the ratios {median(ratios):.2f} (to reach: 1.30)")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--attention", default="sdpa", help="the peer's: sdpa or eager")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--compile", default="on")
    parser.add_argument("--switches", default="none", help="none, all, or names with commas")
    sizes = {"depth": 4, "width": 256, "heads": 2, "length": 512, "vocab": 4096, "batch": 16}
    for name, value in (sizes | {"steps": 16}).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    return parser.parse_args()


def run_alone(who: str) -> float:
    command = [sys.executable, __file__, who, *sys.argv[1:]]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def rate(step, args: argparse.Namespace) -> float:
    """Tokens a second in the fastest of several steps, after one that compiles."""
    ids = torch.randint(0, args.vocab, (args.batch, args.length + 1))
    seconds = []
    for _ in range(args.steps + 1):
        start = time.perf_counter()
        step(ids[:, :-1], ids[:, 1:])
        seconds.append(time.perf_counter() - start)
    print(f"first step {seconds[0]:.1f} s, then {min(seconds[1:]):.3f} s", file=sys.stderr)
    return args.batch * args.length / min(seconds[1:])


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
