# tool.gd: answers GradBench's questions, one line of JSON each way (https://github.com/gradbench/gradbench).
#
#   descent examples/gradbench/tool.gd
#
# The evaluations are in the files beside this one, written as one would write them anyway; what is here
# is the conversation. A question that fails is answered with `success: false` and the reason.
use "hello.gd" as hello
use "llsq.gd" as llsq
use "lse.gd" as lse
use "ode.gd" as ode
use "det.gd" as det
use "gmm.gd" as gmm
use "lstm.gd" as lstm
use "ba.gd" as ba

## For each module its functions of the input; `shown` says what of a result goes into the answer.
let modules = (
  hello: (square: (run: hello.square), double: (run: hello.double)),
  llsq: (primal: (run: llsq.primal), gradient: (run: llsq.gradient)),
  lse: (primal: (run: lse.primal), gradient: (run: lse.gradient)),
  ode: (primal: (run: ode.primal), gradient: (run: ode.gradient)),
  det: (primal: (run: det.primal), gradient: (run: det.gradient)),
  gmm: (objective: (run: gmm.objective), jacobian: (run: gmm.jacobian)),
  lstm: (objective: (run: lstm.objective), jacobian: (run: lstm.jacobian)),
  ba: (objective: (run: ba.objective, shown: ba.answer_objective),
       jacobian: (run: ba.sparse_jacobian, shown: ba.answer_jacobian)))

fn setting(input, name, otherwise) = if type(input) == "list" and has(input, name) { input[name] } else { otherwise }

## Runs f at least once, `min_runs` times and for `min_seconds` in all; only f is timed.
fn timed(f, input) {
  let runs = setting(input, "min_runs", 1)
  let seconds = setting(input, "min_seconds", 0)
  var timings = ()
  var total = 0
  var output = nil
  while len(timings) == 0 or len(timings) < runs or total < seconds {
    let start = time()
    output = f(input)
    let spent = time() - start
    total += spent
    timings = push(timings, (name: "evaluate", nanoseconds: round(1e9 * spent)))
  }
  (output, timings)
}

fn evaluate(q) {
  if not has(modules, q.module) { error("there is no module {q.module} here") }
  let functions = modules[q.module]
  if not has(functions, q.function) { error("{q.module} has no function {q.function}") }
  let entry = functions[q.function]
  let (output, timings) = timed(entry.run, q.input)
  let shown = if has(entry, "shown") { entry.shown(output) } else { output }
  (id: q.id, success: true, output: shown, timings: timings)
}

fn define(q) =
  if has(modules, q.module) { (id: q.id, success: true) }
  else { (id: q.id, success: false, error: "there is no module {q.module} here") }

fn answer(q) =
  if q.kind == "start" { (id: q.id, tool: "descent") }
  else if q.kind == "define" { define(q) }
  else if q.kind == "evaluate" { evaluate(q) }
  else { (id: q.id,) }

## The answer to a line as text. Whatever goes wrong, also in writing the answer, is the answer.
fn reply(line) {
  var id = nil
  try {
    let q = json_parse(line)
    if type(q) != "list" or not has(q, "id") { error("a question is an object with an id") }
    json_text(q.id)                    # one that can be written again
    id = q.id
    json_text(answer(q))
  } catch e {
    json_text((id: id, success: false, error: e.message))
  }
}

var line = input()
while line != nil {
  print(reply(line))
  line = input()
}
