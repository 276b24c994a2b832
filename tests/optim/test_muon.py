import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nanochat.optim import muon


def matrices(rows=24, columns=40, count=3, seed=0):
    return torch.randn(count, rows, columns, generator=torch.Generator().manual_seed(seed))


def with_spectrum(values, rows, columns):
    """A matrix with given singular values and random singular vectors."""
    u = torch.linalg.qr(matrices(rows, rows, 1, seed=1))[0]
    v = torch.linalg.qr(matrices(columns, columns, 1, seed=2))[0]
    middle = torch.zeros(1, rows, columns)
    middle[0, range(len(values)), range(len(values))] = torch.as_tensor(values)
    return u @ middle @ v.mT


def polynomial(method, value):
    """What the iteration makes of one singular value."""
    for a, b, c in muon.POLYNOMIALS[method]:
        value = a * value + b * value**3 + c * value**5
    return value


@pytest.mark.parametrize("shape", [(4, 8), (8, 4), (6, 6)])
@pytest.mark.parametrize("method", muon.POLYNOMIALS)
def test_acts_on_singular_values_alone(method, shape):
    values = torch.tensor([3.0, 1.0, 0.3, 0.05])
    x = with_spectrum(values, *shape)
    u, _, vh = torch.linalg.svd(x, full_matrices=False)
    start = values / (muon.MARGINS[method] * values.norm())
    moved = torch.zeros(min(shape)).index_copy(0, torch.arange(4), polynomial(method, start))
    expected = u @ torch.diag(moved) @ vh
    torch.testing.assert_close(muon.orthogonalize(x, method), expected, atol=1e-4, rtol=1e-4)


# The range that each iteration maps singular values of at least 0.01 of the norm into.
BOUNDS = {"newton_schulz": (0.68, 1.14), "polar_express": (0.84, 1.16)}


@settings(max_examples=20, deadline=None)
@given(
    method=st.sampled_from(sorted(BOUNDS)),
    values=st.lists(st.floats(0.02, 1.0), min_size=8, max_size=8),
)
def test_singular_values_end_within_the_bounds(method, values):
    out = muon.orthogonalize(with_spectrum(values, 8, 12), method)
    ends = torch.linalg.svdvals(out)
    low, high = BOUNDS[method]
    start = torch.tensor(values) / torch.tensor(values).norm()
    assert ends.max() < high and (ends.min() > low or start.min() < 0.01)


@pytest.mark.parametrize("method", BOUNDS)
def test_the_bounds_are_those_of_the_polynomial(method):
    ends = polynomial(method, torch.linspace(0.0099, 1 / muon.MARGINS[method], 20_001))
    low, high = BOUNDS[method]
    assert low < ends.min() < low + 0.03 and high - 0.03 < ends.max() < high


def test_polar_express_is_nearer_to_the_polar_factor():
    x = matrices(32, 32)
    u, _, vh = torch.linalg.svd(x)
    far, near = (
        (muon.orthogonalize(x, method) - u @ vh).norm()
        for method in ("newton_schulz", "polar_express")
    )
    assert near < far


def test_a_stack_is_its_matrices_one_by_one():
    x = matrices()
    whole = muon.orthogonalize(x)
    torch.testing.assert_close(whole[1:2], muon.orthogonalize(x[1:2]), atol=1e-5, rtol=1e-5)


def test_bfloat16_keeps_the_bounds():
    ends = torch.linalg.svdvals(muon.orthogonalize(matrices(64, 96).bfloat16()).float())
    assert ends.min() > 0.6 and ends.max() < 1.25


def test_zero_stays_zero():
    zero = torch.zeros(2, 4, 6)
    for part in (muon.orthogonalize, muon.equilibrate, muon.rescale):
        assert torch.equal(part(zero), zero)


def test_equilibrated_rows_have_the_mean_length():
    x = matrices() * torch.linspace(0.1, 5, 24)[:, None]
    lengths = muon.equilibrate(x).norm(dim=-1)
    torch.testing.assert_close(lengths, x.norm(dim=-1).mean(-1, keepdim=True).expand_as(lengths))


def test_rescaled_has_the_norm_of_an_orthogonal_matrix():
    expected = torch.full((3, 1, 1), 24**0.5)
    torch.testing.assert_close(muon.frobenius(muon.rescale(matrices())), expected)


@pytest.mark.parametrize(("shape", "across"), [((40, 24), -1), ((24, 40), -2)])
def test_neurons_are_evened_and_the_norm_kept(shape, across):
    x = matrices(*shape) * torch.logspace(-2, 1, 40).unsqueeze(across)
    moment = muon.second_moment_like(x)
    evened = muon.normalize_neurons(x, moment, 0.9)
    torch.testing.assert_close(muon.frobenius(evened), muon.frobenius(x))
    squares = evened.square().mean(across)
    torch.testing.assert_close(squares, squares[:, :1].expand_as(squares), rtol=1e-3, atol=0)
    torch.testing.assert_close(moment, 0.1 * x.square().mean(across, keepdim=True))


def test_cautious_decay_spares_what_the_update_already_grows():
    weight, update = torch.tensor([[[1.0, -1.0, 2.0]]]), torch.tensor([[[1.0, 1.0, -1.0]]])
    assert muon.decay(weight, update, cautious=True).tolist() == [[[1, 0, 0]]]
    assert muon.decay(weight, update, cautious=False).tolist() == weight.tolist()
