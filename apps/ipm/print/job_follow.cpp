#include "ipm/print/job_follow.h"

#include <fmt/format.h>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <optional>

#include "ipm/print/job_words.h"

namespace ipm::app {
namespace {

namespace asio = boost::asio;
using Watch = std::chrono::steady_clock;

// The first looks come quickly: most jobs are small.
constexpr std::chrono::milliseconds kPauseFirst{50};
constexpr std::chrono::milliseconds kPauseMax{2'000};
constexpr std::chrono::seconds kSilenceMax{60};

bool may_pass(const Error& error) {
  return error.message() == Message::ConnectionFailed ||
         error.message() == Message::ConnectionTimedOut;
}

asio::awaitable<ipp::AttributeList> look(IppSession& session, int id) {
  auto request = session.to_job(ipp::Operation::GetJobAttributes, id);
  request.groups.front().add_keywords(
      "requested-attributes",
      {"job-id", "job-uri", "job-printer-uri", "job-state", "job-state-reasons",
       "job-state-message", "job-impressions-completed", "imprimatur-delivered-to"});
  const auto reply = co_await session.send(std::move(request));
  co_return require_group(reply, ipp::GroupTag::Job);
}

}  // namespace

asio::awaitable<ipp::AttributeList> follow_job(const Context& context, IppSession& session,
                                               int id) {
  auto pause = kPauseFirst;
  auto answered = Watch::now();
  bool silent = false;
  std::string told;
  for (;;) {
    std::optional<ipp::AttributeList> job;
    try {
      job = co_await look(session, id);
    } catch (const Error& error) {
      if (!may_pass(error) || Watch::now() - answered > kSilenceMax) throw;
      if (!silent) context.say(fmt::format("job {}: {}; asking again", id, error.happened()));
      silent = true;
    }
    if (job) {
      answered = Watch::now();
      silent = false;
      std::string text = job_state_text(*job);
      if (text != told) context.say(fmt::format("job {}: {}", id, text));
      told = std::move(text);
      if (ipp::is_terminal(job_state_of(*job))) co_return *std::move(job);
    }
    co_await session.pause(pause);
    pause = std::min(pause * 2, kPauseMax);
  }
}

}  // namespace ipm::app
