# large draws repeat (tests/tools/cli.sh compares numbers of threads)
# args: --threads 1
seed(7)
let x = normal(200_000)
let y = uniform(200_000)
seed(7)
print(all(normal(200_000) == x), all(uniform(200_000) == y))  # expect: true true
