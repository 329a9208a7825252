#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/shared.h"
#include "base/text.h"

namespace ipm {
namespace {

constexpr std::size_t kLineBytesMax = 4096;

// Foreign words in a message are escaped by whoever put them there: here only what would break or
// steer the line, and backslashes stay as they are.
std::string line_of(std::string_view text) {
  std::string line;
  bool is_first = true;
  for (const auto part : split(text, '\\')) {
    if (!std::exchange(is_first, false)) line += '\\';
    line += printable(part, kLineBytesMax - std::min(kLineBytesMax, line.size()));
    if (line.size() > kLineBytesMax) break;
  }
  return line;
}

std::shared_ptr<spdlog::logger> make_logger(const Log::Options& options) {
  std::vector<spdlog::sink_ptr> sinks;
  if (!options.file.empty()) {
    make_folder(options.file.parent_path());
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file.string()));
    } catch (const spdlog::spdlog_ex& failure) {
      throw Error(
          Message::FileUnwritable,
          fmt::format("the log {} cannot be opened: {}", options.file.string(), failure.what()),
          "a file that this user may append to");
    }
  }
  if (options.console) sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
  auto logger = std::make_shared<spdlog::logger>("ipm", sinks.begin(), sinks.end());
  logger->set_pattern("%v");
  logger->flush_on(spdlog::level::info);
  logger->set_error_handler([](const std::string&) {});
  return logger;
}

}  // namespace

struct Log::Sinks {
  Options options;
  Shared<spdlog::logger> logger;
};

Log::Log(Options options) : sinks_(std::make_unique<Sinks>()), clock_(options.clock) {
  sinks_->options = std::move(options);
  sinks_->logger.store(make_logger(sinks_->options));
}

Log::~Log() = default;

void Log::write(Message message, std::string_view text) const {
  const auto& entry = row(message);
  const auto logger = sinks_->logger.load();
  logger->log(spdlog::level::info, "{} {} {} {}", to_rfc3339(clock_()),
              severity_word(entry.severity), entry.number, line_of(text));
}

void Log::write(const Error& error) const {
  write(error.message(), fmt::format("{}; expected: {}; mend: {}", error.happened(),
                                     error.expected(), error.mend()));
}

void Log::reopen() {
  try {
    sinks_->logger.store(make_logger(sinks_->options));
  } catch (const Error&) {
    write(Message::Notice, "the log cannot be opened anew; the old file stays in use");
  }
}

}  // namespace ipm
