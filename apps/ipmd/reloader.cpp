#include "ipmd/reloader.h"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "ipmd/limits.h"

namespace ipm::app {
namespace {
using SteadyClock = std::chrono::steady_clock;
}  // namespace

Reloader::Reloader(settings::ServerSettings settings, const Places& places, const Log& log,
                   Notices& notices)
    : notices_(notices), configuration_(std::move(settings), places, log), trust_(places) {}

std::optional<SteadyClock::duration> Reloader::busy() const {
  const auto begun = begun_.load();
  if (begun == 0) return std::nullopt;
  return SteadyClock::now().time_since_epoch() - SteadyClock::duration(begun);
}

void Reloader::reload() {
  wanted_ = true;
  look();
}

void Reloader::look() {
  if (const auto running = busy()) {
    if (*running < kReloadSlow || std::exchange(told_, true)) return;
    notices_.write(
        fmt::format("The reading of ipmd.toml, certificates, anchors and revocation lists has been "
                    "going on for {} s: a disk that holds them does not answer.",
                    std::chrono::duration_cast<std::chrono::seconds>(*running).count()));
    return;
  }
  told_ = false;
  begun_ = SteadyClock::now().time_since_epoch().count();
  boost::asio::post(thread_, [this, all = std::exchange(wanted_, false)] { work(all); });
}

void Reloader::work(bool whatever_the_files_say) noexcept {
  const bool changed = whatever_the_files_say ? configuration_.reload() : configuration_.poll();
  if (changed && changed_) changed_();
  trust_.look();
  begun_ = 0;
}

void Reloader::run(std::function<void()> work) {
  boost::asio::post(thread_, std::move(work));
}

}  // namespace ipm::app
