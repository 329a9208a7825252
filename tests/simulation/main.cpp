// Runs seeds: simulate [--trace] FIRST [LAST]. Ends with 1 at the first one that breaks a promise, after its
// trace.

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "world.h"

namespace {

using ipm::simulation::Report;

void print_trace(const Report& report) {
  for (const auto& line : report.trace) fmt::print("{}\n", line);
}

}  // namespace

int main(int count, char** arguments) {
  int at = 1;
  const bool trace = count > at && std::string_view(arguments[at]) == "--trace";
  if (trace) ++at;
  if (count <= at) {
    fmt::print(stderr, "usage: simulate [--trace] FIRST [LAST]\n");
    return 2;
  }
  const auto first = std::strtoull(arguments[at], nullptr, 10);
  const auto last = count > at + 1 ? std::strtoull(arguments[at + 1], nullptr, 10) : first;
  std::size_t jobs = 0;
  std::size_t lives = 0;
  for (auto seed = first; seed <= last; ++seed) {
    const Report report = ipm::simulation::run(seed);
    jobs += report.jobs;
    lives += report.lives;
    if (trace || report.broken) print_trace(report);
    if (report.broken) {
      fmt::print("seed {}: {}\nReplay: {} --trace {}\n", seed, *report.broken, arguments[0], seed);
      return 1;
    }
    if (first == last) fmt::print("seed {}: digest {:016x}\n", seed, report.digest);
  }
  fmt::print("{} seeds, {} jobs, {} lives of the server: every promise was kept\n",
             last - first + 1, jobs, lives);
  return 0;
}
