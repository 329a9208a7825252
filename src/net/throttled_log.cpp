#include "net/throttled_log.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/text.h"
#include "net/limits.h"

namespace ipm::net {

bool ThrottledLog::admit(std::string_view who, Message message, std::string_view text, Time now) {
  const std::lock_guard lock(mutex_);
  auto found = windows_.find(Key(std::string(who), message));
  if (found == windows_.end()) {
    if (windows_.size() >= kThrottledKeysMax) {
      ++overflown_;
      return false;
    }
    windows_.emplace(Key(std::string(who), message), Window{now + pause_, 0, {}});
    return true;
  }
  Window& window = found->second;
  if (now < window.end || window.suppressed > 0) {
    ++window.suppressed;  // flush() tells how many
    window.last = cut_utf8(text, kThrottledTextBytesMax);
    return false;
  }
  window.end = now + pause_;
  return true;
}

void ThrottledLog::write(std::string_view who, Message message, std::string_view text, Time now) {
  if (log_ != nullptr && admit(who, message, text, now)) log_->write(message, text);
}

void ThrottledLog::write(std::string_view who, const Error& error, Time now) {
  if (log_ != nullptr && admit(who, error.message(), error.happened(), now)) log_->write(error);
}

void ThrottledLog::flush(Time now, bool all) {
  if (log_ == nullptr) return;
  std::vector<std::pair<Key, Window>> told;
  std::uint64_t overflown = 0;
  {
    const std::lock_guard lock(mutex_);
    for (auto window = windows_.begin(); window != windows_.end();) {
      if (!all && now < window->second.end) {
        ++window;
      } else if (window->second.suppressed > 0) {
        told.emplace_back(window->first, std::exchange(window->second, {now + pause_, 0, {}}));
        ++window;
      } else {
        window = windows_.erase(window);
      }
    }
    std::swap(overflown, overflown_);
  }
  for (const auto& [key, window] : told) {
    log_->write(key.second,
                fmt::format("{}: {} more such {} since the line above; the last: {}", key.first,
                            window.suppressed, window.suppressed == 1 ? "message" : "messages",
                            window.last));
  }
  if (overflown > 0) {
    log_->write(Message::TooManyConnections,
                fmt::format("{} messages about other addresses were left out", overflown));
  }
}

}  // namespace ipm::net
