/* repl.h -- the interactive prompt. SPDX-License-Identifier: MIT */
#ifndef DSC_REPL_H
#define DSC_REPL_H
#include "runtime/descent.h"

/* Reads and runs input until end of file or :quit; the exit status. *running is set to the state for the signal handler. */
int repl(const DscConfig *config, DscReportForm form, DscState **running);
#endif
