#include "trace.h"

#include "virtual_time.h"

namespace ipm::simulation {

void Trace::add(std::string line) {
  while (!folder_.empty() && line.find(folder_) != std::string::npos) {
    line.erase(line.find(folder_), folder_.size());
  }
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(
      os::SteadyClock::now().time_since_epoch());
  line =
      fmt::format("{:>9}.{:03} {}", since.count() / 1000 - 1'000'000, since.count() % 1000, line);
  for (const char c : line) {
    digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  lines_.push_back(std::move(line));
}

}  // namespace ipm::simulation
