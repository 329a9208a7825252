#pragma once
// What a server costs, read from /proc: CPU time and memory of a process and all its children.

#include <cstdint>
#include <vector>

namespace ipm::bench {

// `root` and everything that descends from it now.
std::vector<int> family_of(int root);

// User and system time since their start, in seconds, all threads, to the nanosecond; children
// that have ended and were waited for count too. Throws std::runtime_error when the root is gone.
double cpu_seconds_of(int root);

// Proportional set size (smaps_rollup) in bytes; 0 where it cannot be read.
std::uint64_t memory_of(int root);

double own_cpu_seconds();

}  // namespace ipm::bench
