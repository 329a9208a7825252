#include "load/process.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

namespace ipm::bench {
namespace {

// The fields of /proc/PID/stat behind the name, which may hold blanks: state is the first.
std::vector<std::string> stat_fields(int process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  std::string text;
  std::getline(file, text);
  const auto end_of_name = text.rfind(')');
  std::vector<std::string> fields;
  if (end_of_name == std::string::npos) return fields;
  std::istringstream rest(text.substr(end_of_name + 1));
  std::string field;
  while (rest >> field) fields.push_back(field);
  return fields;
}

constexpr std::size_t kParent = 1;
constexpr std::size_t kWaitedUserTicks = 13;    // cutime
constexpr std::size_t kWaitedSystemTicks = 14;  // cstime

double waited_children_seconds(int process) {
  const auto fields = stat_fields(process);
  if (fields.size() <= kWaitedSystemTicks) return 0;
  const double ticks = std::stod(fields[kWaitedUserTicks]) + std::stod(fields[kWaitedSystemTicks]);
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::optional<double> find_cpu_clock(int process) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return {};
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

std::vector<int> family_of(int root) {
  std::multimap<int, int> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    int process = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), process);
    if (failure != std::errc() || end != name.data() + name.size()) continue;
    const auto fields = stat_fields(process);
    if (fields.size() > kParent) children.emplace(std::stoi(fields[kParent]), process);
  }
  std::vector<int> family{root};
  for (std::size_t i = 0; i < family.size(); ++i) {
    const auto [begin, end] = children.equal_range(family[i]);
    for (auto child = begin; child != end; ++child) family.push_back(child->second);
  }
  return family;
}

double cpu_seconds_of(int root) {
  double seconds = 0;
  for (const int process : family_of(root)) {
    const auto own = find_cpu_clock(process);
    if (!own && process == root) {
      throw std::runtime_error(fmt::format("there is no process {}", root));
    }
    seconds += own.value_or(0) + waited_children_seconds(process);
  }
  return seconds;
}

std::uint64_t memory_of(int root) {
  std::uint64_t bytes = 0;
  for (const int process : family_of(root)) {
    std::ifstream file(fmt::format("/proc/{}/smaps_rollup", process));
    std::string word;
    while (file >> word) {
      std::uint64_t kilobytes = 0;
      if (word == "Pss:" && file >> kilobytes) bytes += kilobytes << 10U;
    }
  }
  return bytes;
}

double own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace ipm::bench
