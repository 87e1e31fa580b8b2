// gradbench.cpp -- the scalar programs of GradBench under ADOL-C, as gradbench.gd prints them: the peer that can be
// measured on the same machine in the same run.
//
// A run records its tape and goes back once: what a program pays whose branches may change. gradbench.sh compiles this
// with -O3 -march=native and runs it once for each evaluation and size (gradbench EVAL SIZE [STEPS]), since ADOL-C
// keeps, and copies with each tape, as much storage as the largest program so far needed.
// SPDX-License-Identifier: MIT
#include <adolc/adolc.h>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <random>
#include <string>
#include <vector>

using std::vector;
static std::mt19937_64 rng(1);

static vector<double> draw(size_t n, bool normal)
{
    std::normal_distribution<double> g;
    std::uniform_real_distribution<double> u;
    vector<double> x(n);
    for (double &v : x) v = normal ? g(rng) : u(rng);
    return x;
}

// f writes one number: the dependent variable.
static void measure(const std::string &name, const vector<double> &x,
                    const std::function<adouble(const vector<adouble> &)> &f)
{
    size_t n = x.size();
    vector<double> g(n);
    double best = 1e9, total = 0;
    for (int runs = -1; runs < 3 || total < 0.15; runs++) {
        auto start = std::chrono::steady_clock::now();
        double y, one = 1;
        trace_on(1);
        vector<adouble> a(n);
        for (size_t i = 0; i < n; i++) a[i] <<= x[i];
        f(a) >>= y;
        trace_off();
        zos_forward(1, 1, int(n), 1, x.data(), &y);
        fos_reverse(1, 1, int(n), &one, g.data());
        double spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (runs < 0) continue;
        total += spent;
        if (spent < best) best = spent;
    }
    printf("%s gradient %.9g\n", name.c_str(), best);
    fflush(stdout);
}

static adouble llsq(const vector<adouble> &x, int n)
{
    adouble sum = 0;
    for (int i = 0; i < n; i++) {
        double t = -1 + 2.0 * i / (n - 1), power = 1;
        adouble r = t < 0 ? -1 : t > 0 ? 1 : 0;
        for (const adouble &v : x) {
            r -= v * power;
            power *= t;
        }
        sum += r * r;
    }
    return sum / 2;
}

static adouble lse(const vector<adouble> &x)
{
    adouble a = x[0], sum = 0;
    for (size_t i = 1; i < x.size(); i++) a = fmax(a, x[i]);
    for (const adouble &v : x) sum += exp(v - a);
    return a + log(sum);
}

static void slope(const vector<adouble> &x, const vector<adouble> &y, vector<adouble> &out)
{
    out[0] = x[0];
    for (size_t i = 1; i < x.size(); i++) out[i] = x[i] * y[i - 1];
}

static adouble ode(const vector<adouble> &x, int s)
{
    size_t n = x.size();
    double h = 2.0 / s;
    vector<adouble> y(n), z(n), k1(n), k2(n), k3(n), k4(n);
    for (adouble &v : y) v = 0;
    for (int step = 0; step < s; step++) {
        slope(x, y, k1);
        for (size_t i = 0; i < n; i++) z[i] = y[i] + h / 2 * k1[i];
        slope(x, z, k2);
        for (size_t i = 0; i < n; i++) z[i] = y[i] + h / 2 * k2[i];
        slope(x, z, k3);
        for (size_t i = 0; i < n; i++) z[i] = y[i] + h * k3[i];
        slope(x, z, k4);
        for (size_t i = 0; i < n; i++) y[i] += h / 6 * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]);
    }
    return y[n - 1];
}

static adouble minor(const vector<adouble> &a, int ell, int row, unsigned left)
{
    adouble sum = 0;
    bool minus = false;
    for (int j = 0; j < ell; j++) {
        if (!(left >> j & 1)) continue;
        unsigned rest = left & ~(1u << j);
        adouble part = a[row * ell + j];
        if (rest) part *= minor(a, ell, row + 1, rest);
        if (minus) sum -= part;
        else sum += part;
        minus = !minus;
    }
    return sum;
}

int main(int argc, char **argv)
{
    if (argc < 3) return 2;
    std::string eval = argv[1];
    int n = atoi(argv[2]), s = argc > 3 ? atoi(argv[3]) : 0;
    if (eval == "llsq")
        measure("llsq n=" + std::to_string(n), draw(128, false), [n](const vector<adouble> &x) { return llsq(x, n); });
    else if (eval == "lse")
        measure("lse n=" + std::to_string(n), draw(n, false), lse);
    else if (eval == "ode")
        measure("ode n=" + std::to_string(n) + ",s=" + std::to_string(s), draw(n, false),
                [s](const vector<adouble> &x) { return ode(x, s); });
    else if (eval == "det")
        measure("det " + std::to_string(n), draw(n * n, true),
                [n](const vector<adouble> &x) { return minor(x, n, 0, (1u << n) - 1); });
    else
        return 2;
}
