/* schedule.c -- learning rates as functions of the step, for the `lr:` of any optimiser.
**
** A schedule is a function of the step number, counted from 0 (the first step uses rate 0, as optax counts), so
** any function will do in its place: adam(lr: step -> 0.1 / (step + 1)). The rate that a schedule starts from may be a
** schedule itself, and derivatives go through to it.
** SPDX-License-Identifier: MIT */
#include <math.h>
#include "stdlib/optim.h"

/* a + (b - a) * w, at any level; all borrowed */
static bool between(State *S, Value a, Value b, double w, Value *out)
{
    Value gap, part;
    if (!value_binary(S, BIN_SUB, b, a, &gap)) return false;
    bool ok = value_binary(S, BIN_MUL, gap, val_num(w), &part);
    release(S, gap);
    if (!ok) return false;
    ok = value_binary(S, BIN_ADD, a, part, out);
    release(S, part);
    return ok;
}

static bool scaled(State *S, Value a_take, double w, Value *out)
{
    bool ok = value_binary(S, BIN_MUL, a_take, val_num(w), out);
    release(S, a_take);
    return ok;
}

/* The rate that the schedule starts from, at step t. */
static bool base_rate(Call *c, double t, Value *out)
{
    Value lr = c->self->cap[0];
    return optim_rate(c->S, c->builtin->name, lr, t, out);
}

static double cap_num(Call *c, int i) { return c->self->cap[i].n; }

static bool whole_steps(Call *c, int i, const char *name)
{
    int64_t n;
    if (!arg_int(c, i, &n)) return false;
    if (n >= 1) return true;
    return diag_fail(c->S, DIAG_VALUE, "%s: `%s` is at least 1, not %lld", c->builtin->name, name, (long long)n);
}

static bool schedule(Call *c, const Builtin *b)
{
    *c->out = builtin_closure(c->S, b, c->arg, c->n);
    return !is_nil(*c->out);
}

/* ---- cosine: caps lr, steps, low ---- */

static bool cosine_rate(Call *c)
{
    double t, steps = cap_num(c, 1);
    Value lr;
    if (!arg_num(c, 0, &t) || !base_rate(c, t, &lr)) return false;
    double w = 0.5 * (1 + cos(M_PI * fmin(t / steps, 1)));
    bool ok = between(c->S, c->self->cap[2], lr, w, c->out);
    release(c->S, lr);
    return ok;
}

BUILTIN(cosine, "cosine(lr, steps, low: 0)",
        "A learning rate that falls from lr to low along half a cosine in `steps` steps, and stays there: low + "
        "(lr - low) * (1 + cos(pi * t / steps)) / 2. Loshchilov and Hutter 2017, \"SGDR\", without restarts.")
{
    static const Builtin rate = {"cosine", "cosine(step)", "A learning rate.", cosine_rate, -1, __FILE__};
    return optim_rate_arg(c, 0) && whole_steps(c, 1, "steps") && optim_at_least_0(c, 2, "low") && schedule(c, &rate);
}

/* ---- warmup: caps lr, steps ---- */

static bool warmup_rate(Call *c)
{
    double t, steps = cap_num(c, 1);
    Value lr;
    if (!arg_num(c, 0, &t) || !base_rate(c, fmax(t - steps, 0), &lr)) return false;
    return scaled(c->S, lr, fmin((t + 1) / steps, 1), c->out);
}

BUILTIN(warmup, "warmup(lr, steps)",
        "A learning rate that rises in a straight line, lr / steps in the first step and lr after `steps` of "
        "them. When lr is a schedule it begins after the rise: warmup(cosine(0.1, steps: 900), steps: 100). "
        "Goyal et al. 2017, \"Accurate, large minibatch SGD\".")
{
    static const Builtin rate = {"warmup", "warmup(step)", "A learning rate.", warmup_rate, -1, __FILE__};
    return optim_rate_arg(c, 0) && whole_steps(c, 1, "steps") && schedule(c, &rate);
}

/* ---- step_decay: caps lr, every, factor ---- */

static bool step_decay_rate(Call *c)
{
    double t;
    Value lr;
    if (!arg_num(c, 0, &t) || !base_rate(c, t, &lr)) return false;
    return scaled(c->S, lr, pow(cap_num(c, 2), floor(t / cap_num(c, 1))), c->out);
}

BUILTIN(step_decay, "step_decay(lr, every, factor: 0.1)",
        "A learning rate that is multiplied by factor every so many steps: lr * factor^(t // every), PyTorch's "
        "StepLR.")
{
    static const Builtin rate = {"step_decay", "step_decay(step)", "A learning rate.", step_decay_rate, -1, __FILE__};
    return optim_rate_arg(c, 0) && whole_steps(c, 1, "every") && optim_at_least_0(c, 2, "factor") && schedule(c, &rate);
}

/* ---- onecycle: caps lr, steps, rise, div, final_div ---- */

static bool onecycle_rate(Call *c)
{
    double t, steps = cap_num(c, 1), div = cap_num(c, 3), last = div * cap_num(c, 4);
    Value lr;
    if (!arg_num(c, 0, &t) || !base_rate(c, t, &lr)) return false;
    double peak = cap_num(c, 2) * steps - 1, end = steps - 1, from, to, w;
    if (t <= peak && peak > 0) {
        from = 1 / div;
        to = 1;
        w = t / peak;
    } else {
        from = 1;
        to = 1 / last;
        w = end > peak ? fmin((t - peak) / (end - peak), 1) : 1;
    }
    return scaled(c->S, lr, to + (from - to) * 0.5 * (1 + cos(M_PI * w)), c->out);
}

BUILTIN(onecycle, "onecycle(lr, steps, rise: 0.3, div: 25, final_div: 10000)",
        "A learning rate for `steps` steps: from lr / div up to lr in the first part (rise), then down to lr / "
        "(div * final_div), both along half a cosine. Smith and Topin 2018, \"Super-convergence\", as PyTorch's "
        "OneCycleLR; only the rate, not the momentum.")
{
    static const Builtin rate = {"onecycle", "onecycle(step)", "A learning rate.", onecycle_rate, -1, __FILE__};
    if (!optim_rate_arg(c, 0) || !whole_steps(c, 1, "steps") || !optim_fraction(c, 2, "rise") ||
        !optim_at_least_0(c, 3, "div") || !optim_at_least_0(c, 4, "final_div"))
        return false;
    if (c->arg[3].n == 0 || c->arg[4].n == 0)
        return diag_fail(c->S, DIAG_VALUE, "onecycle: `div` and `final_div` are above 0");
    return schedule(c, &rate);
}
