#pragma once
// The bar that tells how far a large document is, on a terminal's standard error.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace ipm::app {

// Smaller documents are gone before anybody could read a bar.
inline constexpr std::uint64_t kProgressBytesMin = 4U << 20U;

class Progress {
 public:
  // Shows nothing unless `bytes` is large enough and standard error is a terminal.
  Progress(std::string name, std::uint64_t bytes);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();  // clears the line

  void update(std::uint64_t sent);

 private:
  using Watch = std::chrono::steady_clock;

  std::string name_;
  std::uint64_t bytes_;
  bool shown_;
  bool drawn_ = false;
  Watch::time_point started_ = Watch::now();
  Watch::time_point last_{};
};

// "report.pdf  [#########-----------]  45 %  12.3 MiB of 27.1 MiB  3.1 MiB/s", at most `columns`
// wide.
std::string progress_line(const std::string& name, std::uint64_t sent, std::uint64_t bytes,
                          std::chrono::duration<double> elapsed, std::size_t columns);

}  // namespace ipm::app
