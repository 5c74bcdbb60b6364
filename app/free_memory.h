#pragma once

// How much memory a program may still take, for those who would take it at once: the kernel gives more
// than there is, and kills whoever uses it.

#include <stdint.h>

// The least of what the machine has (MemAvailable, proc_meminfo(5)) and what each control group this
// process is in may have in all (memory.max of version 2, memory.limit_in_bytes of version 1), in
// bytes. What is not known does not count: UINT64_MAX where nothing is. 'root' stands before /proc and
// /sys: "" but in tests.
uint64_t free_memory(const char *root);
