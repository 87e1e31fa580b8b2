/* wav.c -- sound as WAVE.
**
** SPDX-License-Identifier: MIT */
#include "stdlib/file.h"
#include "tests/fuzz/fuzz.h"

FUZZ_READER(wav_read, ".wav")
