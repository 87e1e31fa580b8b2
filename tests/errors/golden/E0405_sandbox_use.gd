# args: --sandbox
use "lib.gd" as lib
