#include "ipp_printer.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "ipp/codec.h"
#include "os/timer.h"

namespace ipm::simulation {
namespace asio = boost::asio;
using ipp::GroupTag;
using ipp::JobState;
using ipp::Operation;
namespace {

constexpr std::string_view kHeadEnds = "\r\n\r\n";

void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

// Reads what it needs of a connection; an end of it throws Error.
class Reader {
 public:
  explicit Reader(net::Transport& end) : end_(end) {}

  // Empty: the connection ended between two requests.
  asio::awaitable<std::string> head() {
    while (bytes_.find(kHeadEnds) == std::string::npos) {
      const bool more = co_await fill();
      if (!more) co_return std::string();
    }
    co_return take(bytes_.find(kHeadEnds) + kHeadEnds.size());
  }
  // The body of a request with such a head; nothing when it breaks off.
  asio::awaitable<std::optional<std::string>> body(std::string head) {
    if (head.find("chunked") == std::string::npos) {
      const std::size_t at = head.find("Content-Length: ");
      const std::size_t length = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
      co_return co_await exactly(length);
    }
    std::string all;
    for (;;) {
      while (bytes_.find("\r\n") == std::string::npos) {
        const bool more = co_await fill();
        if (!more) co_return std::nullopt;
      }
      const std::size_t length = std::stoul(take(bytes_.find("\r\n") + 2), nullptr, 16);
      auto chunk = co_await exactly(length + 2);
      if (!chunk) co_return std::nullopt;
      if (length == 0) co_return all;
      all += chunk->substr(0, length);
    }
  }

 private:
  std::string take(std::size_t count) {
    std::string taken = bytes_.substr(0, count);
    bytes_.erase(0, count);
    return taken;
  }
  asio::awaitable<std::optional<std::string>> exactly(std::size_t count) {
    while (bytes_.size() < count) {
      const bool more = co_await fill();
      if (!more) co_return std::nullopt;
    }
    co_return take(count);
  }
  asio::awaitable<bool> fill() {
    std::array<unsigned char, 1024> piece{};
    const std::size_t got = co_await end_.read_some(piece);
    bytes_.append(piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(got));
    co_return got > 0;
  }

  net::Transport& end_;
  std::string bytes_;
};

asio::awaitable<void> send(net::Transport& end, std::string text) {
  co_await end.write({reinterpret_cast<const unsigned char*>(text.data()), text.size()});
}

std::string http_of(const ipp::Message& message) {
  const std::string body = ipp::encode(message);
  return fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {}\r\n\r\n{}",
      body.size(), body);
}

}  // namespace

IppPrinter::IppPrinter(std::string name, asio::io_context& context, MemoryNetwork& network,
                       Dice& dice, Trace& trace)
    : name_(std::move(name)),
      context_(context),
      dice_(dice),
      trace_(trace),
      started_(os::SteadyClock::now() - std::chrono::hours(1)) {
  network.listen(name_ + ".test", [this](std::shared_ptr<Wire> wire) {
    if (off_) return false;
    asio::co_spawn(context_, serve(std::move(wire)), rethrow);
    return true;
  });
}

void IppPrinter::start_anew() {
  trace_.note("{}: starts anew", name_);
  ++starts_;
  started_ = os::SteadyClock::now();
  for (const auto& [id, job] : jobs_) forgotten_.push_back(job.name);
  jobs_.clear();
  last_id_ = 0;
}

bool IppPrinter::has_broken_off(const std::string& name) const {
  return std::ranges::any_of(jobs_, [&](const auto& entry) {
    const Job& job = entry.second;
    return job.name == name && ipp::is_terminal(job.state) && job.state != JobState::Completed;
  });
}

std::int32_t IppPrinter::up_time() const {
  const auto since = os::SteadyClock::now() - started_;
  return 1 +
         static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

asio::awaitable<void> IppPrinter::serve(std::shared_ptr<Wire> wire) {
  const auto end = end_of(wire, 1, context_.get_executor(), "the server");
  Reader reader(*end);
  try {
    for (;;) {
      const std::string head = co_await reader.head();
      if (head.empty()) co_return;
      const Mood mood = dice_.chance(moody_) ? static_cast<Mood>(dice_.between(1, 4)) : Mood::Well;
      if (mood == Mood::LosesRequest) {
        trace_.note("{}: loses a request", name_);
        wire->reset = true;
        wire->tell();
        co_return;
      }
      if (head.find("100-continue") != std::string::npos) {
        co_await send(*end, "HTTP/1.1 100 Continue\r\n\r\n");
      }
      const auto body = co_await reader.body(head);
      if (!body) co_return;
      const auto decoded = ipp::decode(*body);
      const Asked asked{decoded.message, body->substr(decoded.bytes)};
      if (mood == Mood::Busy) {
        co_await send(*end, http_of(ipp::Message::reply(ipp::Status::Busy, asked.message.header)));
        continue;
      }
      const auto reply = answer(asked);
      if (mood == Mood::LosesReply) {
        trace_.note("{}: loses a reply", name_);
        wire->reset = true;
        wire->tell();
        co_return;
      }
      if (mood == Mood::Silent) {
        trace_.note("{}: is silent", name_);
        os::Timer pause(context_, std::chrono::seconds(dice_.between(1, 600)));
        co_await pause.async_wait(asio::use_awaitable);
      }
      co_await send(*end, http_of(reply));
    }
  } catch (const Error&) {  // The server ended the connection.
  }
}

void IppPrinter::begin(Job& job) {
  job.incoming = false;
  job.state = JobState::Processing;
  asio::co_spawn(context_, print(job.id, starts_), rethrow);
}

asio::awaitable<void> IppPrinter::print(std::int32_t id, std::uint64_t start) {
  os::Timer pause(context_, std::chrono::milliseconds(dice_.between(100, 20'000)));
  co_await pause.async_wait(asio::use_awaitable);
  if (start != starts_) co_return;
  const auto at = jobs_.find(id);
  if (at == jobs_.end() || at->second.state != JobState::Processing) co_return;
  at->second.state = JobState::Completed;
  trace_.note("{}: has printed its job {} ({})", name_, id, at->second.name);
  prints_.insert(prints_.end(), at->second.documents.begin(), at->second.documents.end());
}

void IppPrinter::describe(ipp::Message& answer, const Job& job) const {
  auto& group = answer.add_group(GroupTag::Job);
  group.add_integer("job-id", job.id);
  group.add_name("job-name", job.name);
  group.add_name("job-originating-user-name", job.user);
  group.add_enum("job-state", static_cast<std::int32_t>(job.state));
  group.add_keywords("job-state-reasons",
                     std::vector<std::string>{job.incoming ? "job-incoming" : "none"});
  group.add_integer("time-at-creation", job.created);
  group.add_integer("job-impressions-completed", job.state == JobState::Completed ? 1 : 0);
  group.add_integer("number-of-documents", static_cast<std::int32_t>(job.documents.size()));
}

ipp::Message IppPrinter::answer(const Asked& asked) {
  const auto& operation = asked.message.groups.front();
  const auto& header = asked.message.header;
  auto ok = ipp::Message::reply(ipp::Status::Ok, header);
  const auto find = [&]() -> Job* {
    const auto at = jobs_.find(operation.find_integer("job-id").value_or(0));
    return at == jobs_.end() ? nullptr : &at->second;
  };
  const auto make = [&]() -> Job& {
    Job& job = jobs_[++last_id_];
    job.id = last_id_;
    job.name = operation.find_text("job-name").value_or("");
    job.user = operation.find_text("requesting-user-name").value_or("");
    job.created = up_time();
    return job;
  };
  const auto missing = [&] { return ipp::Message::reply(ipp::Status::NotFound, header); };
  switch (asked.message.operation()) {
    case Operation::GetPrinterAttributes: {
      auto& printer = ok.add_group(GroupTag::Printer);
      printer.add_integer("printer-up-time", up_time());
      printer.add_integers("operations-supported", ipp::Tag::Enum, {2, 4, 5, 6, 8, 9, 10, 11});
      printer.add_boolean("multiple-document-jobs-supported", true);
      printer.add_range("copies-supported", 1, 99);
      return ok;
    }
    case Operation::PrintJob: {
      Job& job = make();
      job.documents.push_back(asked.document);
      begin(job);
      describe(ok, job);
      return ok;
    }
    case Operation::CreateJob: {
      Job& job = make();
      job.incoming = true;
      describe(ok, job);
      return ok;
    }
    case Operation::SendDocument: {
      Job* job = find();
      if (job == nullptr) return missing();
      if (!job->incoming) return ipp::Message::reply(ipp::Status::NotPossible, header);
      if (!asked.document.empty()) job->documents.push_back(asked.document);
      if (operation.find_boolean("last-document").value_or(false)) begin(*job);
      describe(ok, *job);
      return ok;
    }
    case Operation::GetJobAttributes: {
      const Job* job = find();
      if (job == nullptr) return missing();
      describe(ok, *job);
      return ok;
    }
    case Operation::GetJobs: {
      const bool completed = operation.find_text("which-jobs") == "completed";
      for (const auto& [id, job] : jobs_) {
        if (ipp::is_terminal(job.state) == completed) describe(ok, job);
      }
      return ok;
    }
    case Operation::CancelJob: {
      Job* job = find();
      if (job == nullptr) return missing();
      if (ipp::is_terminal(job->state)) {
        return ipp::Message::reply(ipp::Status::NotPossible, header);
      }
      job->state = JobState::Canceled;
      return ok;
    }
    default:
      return ipp::Message::reply(ipp::Status::OperationNotSupported, header);
  }
}

}  // namespace ipm::simulation
