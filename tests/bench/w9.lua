-- w9.lua: speed of the plain interpreter, the peer of w9.gd: the same work, test by test.
-- Prints one JSON line for each test: best and median of 7.
-- SPDX-License-Identifier: MIT
local clock = os.clock

local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end

local function adder(k) return function(x) return x + k end end

local tests = {
  { "fib_30", function() return fib(30) end },
  { "float_add_1e7", function()
      local s = 0.0
      for i = 1, 10000000 do s = s + 0.5 end
      return s
    end },
  { "float_add_while_1e7", function()
      local s, i = 0.0, 0
      while i < 10000000 do s = s + i * 0.5; i = i + 1 end
      return s
    end },
  { "list_push_1e6", function()
      local t = {}
      for i = 1, 1000000 do t[#t + 1] = i end
      return #t
    end },
  { "fill_sum_1e6", function()
      local t = {}
      for i = 1, 1000000 do t[i] = i - 1 end
      local s = 0
      for i = 1, #t do s = s + t[i] end
      return s
    end },
  { "str_build_1e6", function()
      local t = {}
      for i = 0, 999999 do t[#t + 1] = "x" .. (i % 100) end
      return #table.concat(t)
    end },
  { "str_append_20000", function()
      local s = ""
      for i = 1, 20000 do s = s .. "x" end
      return #s
    end },
  { "closure_call_1e7", function()
      local f, c = adder(1), 0
      for i = 1, 10000000 do c = f(c) end
      return c
    end },
  { "matmul_naive_120", function()
      local n = 120
      local a, b, c = {}, {}, {}
      for i = 0, n * n - 1 do a[i] = i * 0.5; b[i] = i * 0.25 end
      for i = 0, n - 1 do
        for j = 0, n - 1 do
          local s = 0.0
          for k = 0, n - 1 do s = s + a[i * n + k] * b[k * n + j] end
          c[i * n + j] = s
        end
      end
      return c[n - 1]
    end },
}

for _, test in ipairs(tests) do
  local ms, value = {}, nil
  for k = 1, 7 do
    collectgarbage()
    local start = clock()
    value = test[2]()
    ms[k] = (clock() - start) * 1000
  end
  table.sort(ms)
  print(string.format('{"test":"%s","tool":"lua5.4","median_ms":%.2f,"min_ms":%.2f,"result":"%.10g"}',
                      test[1], ms[4], ms[1], value))
end
