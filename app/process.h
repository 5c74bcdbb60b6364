#pragma once

// What both programs do before anything else, and after everything else.

// Opens standard streams that whoever started us has closed, so that no file takes their numbers:
// writing to such a standard output fails. A write beyond a file size limit fails too, where it would
// end the program.
void process_begin(void);

// Looks whether all of standard output was written, and says so where it was not, unless it is a pipe
// that nobody reads any more. Returns the exit code: 'code', or failure in the place of success.
int process_end(int code);
