# SPDX-License-Identifier: MIT
"""W10: f = chained Rosenbrock in 50 dimensions (vector form). value, gradient, Hessian-vector product (reverse over
reverse; forward over reverse), full Hessian (autograd.functional.hessian plain and vectorized; functorch if there).
us per evaluation are median_ms * 1000."""
import harness as H
a = H.parse(default_seconds=3); torch = H.load_torch(a)
D = 50
x = torch.linspace(-1.5, 1.5, D); v = torch.randn(D)
def f(x): return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
AF = torch.autograd.functional; xr = x.clone().requires_grad_()
def val():
    with torch.no_grad(): f(x)
def grad(): return torch.autograd.grad(f(xr), xr)[0]
def hvp_rr():
    g = torch.autograd.grad(f(xr), xr, create_graph=True)[0]; return torch.autograd.grad(g, xr, v)[0]
def hvp_af(): return AF.hvp(f, x, v)[1]
import torch.autograd.forward_ad as fad
def jvp():
    with fad.dual_level(): return fad.unpack_dual(f(fad.make_dual(x, v))).tangent
def hess(): return AF.hessian(f, x)
def hess_vec(): return AF.hessian(f, x, vectorize=True)
def hess_fr(): return AF.hessian(f, x, vectorize=True, outer_jacobian_strategy="forward-mode")
todo = [("value", val), ("grad", grad), ("jvp_forward", jvp), ("hvp_rev_rev", hvp_rr), ("hvp_functional", hvp_af),
        ("hessian_plain", hess), ("hessian_vectorized", hess_vec), ("hessian_fwd_over_rev", hess_fr)]
try:
    import functorch
    todo += [("hvp_functorch_fwd_rev", lambda: functorch.jvp(functorch.grad(f), (x,), (v,))[1]), ("hessian_functorch", lambda: functorch.hessian(f)(x))]
except Exception as e: pass
for n, g in todo:
    try: g()
    except Exception as e: print('{"workload":"W10_%s","tool":"pytorch","error":"%s"}' % (n, str(e)[:80].replace('"', "'").replace("\n", " "))); continue
    H.bench(g, "W10_" + n, a, warm=10)
Hm = hess(); assert torch.allclose(Hm @ v, hvp_rr(), rtol=1e-3, atol=1e-2)
