#include "ipm/print/print_progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "base/text.h"
#include "ipm/common/table.h"
#include "os/terminal.h"

namespace ipm::app {
namespace {

constexpr std::chrono::milliseconds kRedrawPause{100};
constexpr std::size_t kBarColumns = 20;
constexpr std::size_t kNameBytesMax = 30;
constexpr std::size_t kColumnsDefault = 80;

}  // namespace

std::string progress_line(const std::string& name, std::uint64_t sent, std::uint64_t bytes,
                          std::chrono::duration<double> elapsed, std::size_t columns) {
  const double share =
      bytes == 0 ? 1.0 : std::min(static_cast<double>(sent) / static_cast<double>(bytes), 1.0);
  const auto done = static_cast<std::size_t>(share * static_cast<double>(kBarColumns));
  std::string line = fmt::format("[{}{}] {:3.0f} %  {} of {}", std::string(done, '#'),
                                 std::string(kBarColumns - done, '-'), share * 100.0,
                                 size_text(sent), size_text(bytes));
  if (elapsed.count() >= 0.5) {
    const double rate = static_cast<double>(sent) / elapsed.count();
    line += fmt::format("  {}/s", size_text(static_cast<std::uint64_t>(rate)));
  }
  const std::string with_name = fmt::format("{}  {}", printable(name, kNameBytesMax), line);
  if (!name.empty() && with_name.size() < columns) return with_name;
  return line.substr(0, columns > 0 ? columns - 1 : 0);
}

Progress::Progress(std::string name, std::uint64_t bytes)
    : name_(std::move(name)),
      bytes_(bytes),
      shown_(bytes >= kProgressBytesMin && os::is_terminal(os::Stream::Error)) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(std::uint64_t sent) {
  if (!shown_) return;
  const auto now = Watch::now();
  if (drawn_ && now - last_ < kRedrawPause && sent < bytes_) return;
  last_ = now;
  drawn_ = true;
  const auto columns = os::terminal_columns(os::Stream::Error).value_or(kColumnsDefault);
  const auto line = progress_line(name_, sent, bytes_, now - started_, columns);
  std::fputs(fmt::format("\r{}\x1b[K", line).c_str(), stderr);
}

}  // namespace ipm::app
