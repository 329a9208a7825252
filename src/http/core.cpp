#include "http/core.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>

#include "os/process.h"

namespace ipm::http {
namespace {

// Files that the rest of the program needs: the spool, the log, printers that are dialled.
constexpr std::size_t kReservedFiles = 128;

constexpr std::size_t kCheckedInATurn = 16;  // sessions, a path validation each at worst

// More connections than open files would only turn a clear refusal into failures everywhere.
Limits within_open_files(Limits limits) {
  const auto most = os::open_files_max();
  if (!most) return limits;
  const std::size_t left = *most > 2 * kReservedFiles ? *most - kReservedFiles : *most / 2;
  limits.connections = std::min(limits.connections, left);
  return limits;
}

}  // namespace

Shared::Shared(const ServerOptions& options)
    : limits(within_open_files(options.limits)),
      read_on(options.read_on),
      handler(options.handler),
      generation(options.generation),
      clock(options.clock),
      log(options.log),
      gate(limits),
      lines(options.log, limits.quiet) {}

std::unique_ptr<Workspace> Core::take_workspace() {
  if (spare_.empty()) return std::make_unique<Workspace>(shared_->limits);
  auto workspace = std::move(spare_.back());
  spare_.pop_back();
  return workspace;
}

void Core::give_back(std::unique_ptr<Workspace> workspace) {
  if (workspace == nullptr || spare_.size() >= kSpareWorkspacesMax) return;
  workspace->buffer.clear();
  spare_.push_back(std::move(workspace));
}

std::string_view Core::date() {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const TimePoint now = shared_->clock();
  if (now == date_time_ && !date_.empty()) return date_;
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{now - day};
  date_time_ = now;
  date_ = fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.at(std::chrono::weekday{day}.c_encoding()),
      static_cast<unsigned>(date.day()), kMonths.at(static_cast<unsigned>(date.month()) - 1),
      static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
      time.seconds().count());
  return date_;
}

// Rotates the list: each checked session moves to the back, where new ones are added too, so `left`
// steps visit every session that existed at the start. Closing a session resumes it later, never
// from within.
void Core::check_peers(std::size_t left) {
  for (std::size_t i = 0; i < kCheckedInATurn && left > 0 && !sessions_.empty(); ++i, --left) {
    Resident& session = sessions_.front();
    sessions_.splice(sessions_.end(), sessions_, sessions_.begin());
    session.check_peer();
  }
  if (left == 0 || sessions_.empty()) return;
  boost::asio::post(context_, [self = shared_from_this(), left] { self->check_peers(left); });
}

void Core::stop_idle() {
  for (Resident& session : sessions_) session.stop_when_idle();
}

void Core::abort_all() {
  for (Resident& session : sessions_) session.abort();
}

}  // namespace ipm::http
