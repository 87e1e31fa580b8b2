use nnn
use torch
use "missing.gd" as lib
